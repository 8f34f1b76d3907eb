package io.github.colonnade.bounds;

/** What an error limit is promised for. */
public enum Scope {
  /**
   * Every block by itself: ‖A<sub>j</sub> − Â<sub>j</sub>‖ ≤ ε‖A<sub>j</sub>‖ for each j. This
   * implies the guarantee of {@link #CLUSTER}.
   */
  BLOCK,
  /**
   * All blocks that share a basis, jointly: ‖M − M̂‖ ≤ ε‖M‖ with M = [A<sub>1</sub> …
   * A<sub>K</sub>]. A block whose norm is small beside the others may be lost altogether.
   */
  CLUSTER
}
