// The fair of the registration room's tests, also here.
#include "domain/registration/fair.cpp"
