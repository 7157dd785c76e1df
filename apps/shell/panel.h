/* What the panel and the app's other tasks share. */
#ifndef PANEL_H
#define PANEL_H

/* Computes for a while, for its own sake. */
void panel_compute(unsigned steps);

#endif
