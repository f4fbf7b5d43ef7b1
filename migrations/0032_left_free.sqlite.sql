-- Nothing to do: the number is taken by another step.
SELECT 1;
