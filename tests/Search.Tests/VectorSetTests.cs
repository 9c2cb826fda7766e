using System.Diagnostics;
using Xunit.Abstractions;

namespace Agora.Search.Tests;

public sealed class VectorSetTests(ITestOutputHelper output)
{
    [Fact]
    public void The_nearest_are_those_of_the_exact_cosine_within_what_is_rounded()
    {
        var random = new Random(7);
        foreach (var dimensions in new[] { 1, 3, 31, 32, 33, 256, 1_536 })
        {
            var (set, all) = (new VectorSet(dimensions), new Dictionary<Guid, float[]>());
            for (var n = 0; n < 300; n++)
            {
                var (id, vector) = (Id(n), Vector(random, dimensions));
                all[id] = vector;
                set.Put(id, Direction.Of(vector)!);
            }

            var asked = Vector(random, dimensions);
            var found = set.Nearest(Direction.Of(asked)!, 10);

            Assert.Equal(10, found.Count);
            var least = dimensions < 32 ? 0.02 : 0.005;
            Assert.All(found, near => Assert.InRange(near.Cosine, Cosine(asked, all[near.Id]) - least, Cosine(asked, all[near.Id]) + least));
            var tenth = all.Values.Select(vector => Cosine(asked, vector)).OrderDescending().ElementAt(9);
            Assert.All(found, near => Assert.True(Cosine(asked, all[near.Id]) >= tenth - (2 * least)));
            Assert.Equal(found.OrderByDescending(near => near.Cosine).ThenBy(near => near.Id), found);
        }
    }

    [Fact]
    public void What_is_replaced_or_removed_is_found_no_more_and_nothing_else_moves()
    {
        var set = new VectorSet(2);
        byte[] right = Direction.Of([1, 0])!, up = Direction.Of([0, 1])!, left = Direction.Of([-1, 0])!;
        set.Put(Id(1), right);
        set.Put(Id(2), up);
        set.Put(Id(3), left);
        Assert.Equal([(Id(1), 1), (Id(2), 0), (Id(3), -1)], set.Nearest(right, 5));

        set.Put(Id(1), left);
        Assert.Equal([(Id(2), 0), (Id(1), -1), (Id(3), -1)], set.Nearest(right, 5));
        Assert.True(set.Remove(Id(2)));
        Assert.False(set.Remove(Id(2)));
        Assert.Equal([(Id(1), 1), (Id(3), 1)], set.Nearest(left, 5));
        Assert.Equal([(Id(3), 1)], set.Nearest(left, 5, id => id != Id(1)));
        Assert.Equal([(Id(1), 1)], set.Nearest(left, 1));
        Assert.Equal(2, set.Count);
    }

    [Fact]
    public void What_points_nowhere_is_none()
    {
        Assert.Null(Direction.Of([0, 0]));
        Assert.Null(Direction.Of([]));
        Assert.Null(Direction.Of([1, float.NaN]));
        Assert.Null(Direction.Of([1, float.PositiveInfinity]));
        Assert.Equal([127, 0, unchecked((byte)(sbyte)-127)], Direction.Of([float.MaxValue, 0, -float.MaxValue])!);
        Assert.Equal([127, 64], Direction.Of([float.Epsilon * 2, float.Epsilon])!);
    }

    /// <summary>Printed, not held: how fast it is depends on the machine.</summary>
    [Fact]
    public void A_hundred_thousand_are_searched_from_end_to_end()
    {
        var random = new Random(8);
        foreach (var dimensions in new[] { 256, 1_536 })
        {
            var set = new VectorSet(dimensions);
            var vector = new byte[dimensions];
            for (var n = 0; n < 100_000; n++)
            {
                for (var i = 0; i < dimensions; i++) vector[i] = unchecked((byte)(sbyte)random.Next(-127, 128));
                set.Put(Id(n), vector);
            }

            var times = new List<double>();
            for (var n = 0; n < 20; n++)
            {
                var started = Stopwatch.GetTimestamp();
                Assert.Equal(10, set.Nearest(vector, 10).Count);
                times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            output.WriteLine($"100,000 of {dimensions} values: {times.Order().ElementAt(10):0.0} ms a search (median), {times.Max():0.0} ms at most, {set.Bytes >> 20} MiB");
            Assert.Equal(Id(99_999), set.Nearest(vector, 1)[0].Id);
        }
    }

    private static Guid Id(int n) => new(n, 0, 0, new byte[8]);

    private static float[] Vector(Random random, int dimensions) => [.. Enumerable.Range(0, dimensions).Select(_ => (float)((random.NextDouble() + random.NextDouble() + random.NextDouble()) - 1.5))];

    private static double Cosine(float[] one, float[] other) =>
        one.Zip(other, (x, y) => (double)x * y).Sum() / Math.Sqrt(one.Sum(x => (double)x * x) * other.Sum(x => (double)x * x));
}
