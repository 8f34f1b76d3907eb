package io.github.colonnade.connectors.source;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.colonnade.connectors.source.SeenFiles.Changes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** Compares the sketch with maps that forget nothing. */
class SeenFilesPropertyTest {

  private static final long NOW = 1_000_000_000;

  /** Files as they are, and in the version in which they were taken. */
  private static final class Model {
    private final Random random;
    private final Map<String, WatchedFile> stored = new TreeMap<>();
    private final Map<String, WatchedFile> taken = new TreeMap<>();
    private long clock = 10_000;
    private int created;

    Model(long seed) {
      this.random = new Random(seed);
    }

    void write(String path) {
      clock += random.nextInt(5);
      long time = random.nextInt(4) == 0 ? random.nextInt((int) clock) : clock;
      stored.put(path, WatchedFile.of(path, time, random.nextInt(1000)));
    }

    void act(int creations, int changes) {
      for (int i = 0; i < creations; i++) {
        write("file:/in/" + created++ + ".npy");
      }
      List<String> paths = new ArrayList<>(stored.keySet());
      for (int i = 0; i < changes && !paths.isEmpty(); i++) {
        String path = paths.get(random.nextInt(paths.size()));
        if (random.nextBoolean()) {
          stored.remove(path);
        } else {
          write(path);
        }
      }
    }
  }

  private static SeenFiles restored(SeenFiles seen, long lateness) {
    try {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      seen.write(new DataOutputStream(bytes));
      return SeenFiles.read(
          lateness, new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Property(tries = 100)
  void everyFileIsTakenOnceAndEveryChangeIsTold(
      @ForAll long seed, @ForAll @IntRange(max = 3000) int lateness) {
    Model model = new Model(seed);
    SeenFiles seen = new SeenFiles(lateness);
    model.act(model.random.nextInt(4000), 0);
    for (int round = 0; round < 12; round++) {
      boolean complete = model.random.nextInt(4) > 0;
      Map<String, WatchedFile> listed = new TreeMap<>(model.stored);
      if (!complete) {
        listed.values().removeIf(file -> model.random.nextInt(10) == 0);
      }
      Set<String> unsettled = new HashSet<>();
      for (String path : listed.keySet()) {
        if (model.random.nextInt(10) == 0) {
          unsettled.add(path);
        }
      }

      Set<WatchedFile> unseen = new HashSet<>();
      Set<WatchedFile> rewritten = new HashSet<>();
      for (WatchedFile file : listed.values()) {
        WatchedFile before = model.taken.get(file.path());
        if (!unsettled.contains(file.path()) && !file.equals(before)) {
          (before == null ? unseen : rewritten).add(file);
        }
      }
      int tracked = model.taken.size();
      if (complete) {
        model.taken.keySet().retainAll(listed.keySet());
      }

      Changes changes =
          seen.compare(listed.values(), file -> !unsettled.contains(file.path()), complete, NOW);
      List<WatchedFile> toTake = new ArrayList<>(changes.late());
      toTake.addAll(changes.fresh());
      assertEquals(unseen, new HashSet<>(toTake));
      assertEquals(unseen.size(), toTake.size());
      assertEquals(rewritten, new HashSet<>(changes.rewritten()));
      assertEquals(rewritten.size(), changes.rewritten().size());
      assertEquals(tracked - model.taken.size(), changes.deleted());
      assertEquals(0, changes.untold());

      rewritten.forEach(file -> model.taken.put(file.path(), file));
      int taken = model.random.nextInt(toTake.size() + 1);
      for (WatchedFile file : toTake.subList(0, taken)) {
        seen.add(file, true, NOW);
        model.taken.put(file.path(), file);
      }
      if (model.random.nextBoolean()) {
        seen = restored(seen, lateness);
      }
      model.act(model.random.nextInt(200), model.random.nextInt(300));
    }
  }
}
