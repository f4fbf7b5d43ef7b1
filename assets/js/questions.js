// Questions that are asked only after another one has a certain answer: hidden, and not sent, while it has not. The
// server decides again. Without this script they are all there, each with a hint.
function answersOf(form, name) {
  const answers = [];
  for (const control of form.elements) {
    if (control.name !== name || control.disabled) continue;
    if (control.type === 'checkbox' || control.type === 'radio') {
      if (control.checked) answers.push(control.value);
    } else {
      answers.push(control.value.trim());
    }
  }
  return answers;
}

function update(form, questions) {
  // In the order of the page once more for each level of conditions: a hidden question answers nothing.
  for (let round = 0; round < questions.length; ++round) {
    let changed = false;
    for (const question of questions) {
      const hide = !answersOf(form, question.dataset.depends).includes(question.dataset.value);
      if (question.hidden === hide) continue;
      question.hidden = hide;
      for (const control of question.querySelectorAll('input, select, textarea')) control.disabled = hide;
      changed = true;
    }
    if (!changed) return;
  }
}

export function startQuestions(root) {
  const forms = new Map();
  for (const question of root.querySelectorAll('[data-depends]')) {
    const form = question.closest('form');
    if (!form) continue;
    question.querySelector('.hint')?.remove();
    if (!forms.has(form)) forms.set(form, []);
    forms.get(form).push(question);
  }
  for (const [form, questions] of forms) {
    form.addEventListener('input', () => update(form, questions));
    form.addEventListener('change', () => update(form, questions));
    update(form, questions);
  }
}
