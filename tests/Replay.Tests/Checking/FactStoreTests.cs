using Agora.Replay.Checking;

namespace Agora.Replay.Tests.Checking;

/// <summary>Facts of a large journal, most of which are in files.</summary>
public sealed class FactStoreTests
{
    // More than stay in memory, twice, and some.
    private const int Many = 600_000;
    private const int Each = 3;

    [Fact]
    public void Facts_beyond_what_stays_in_memory_come_back_each_once_with_those_about_the_same_in_the_order_of_seq()
    {
        using var store = new FactStore();
        for (var n = Many - 1; n >= 0; n--)
        {
            store.Add(new(Fact.IdOf($"{n % (Many / Each)}"), (UInt128)n, n, 0, 0, 1, FactKind.RunFailed));
        }

        Assert.InRange(store.Spilled, 1, Many - 1);
        var (groups, seen) = (0, new bool[Many]);
        foreach (var group in store.Groups())
        {
            var first = group.Span[0].Seq;
            Assert.Equal([first, first + (Many / Each), first + (2 * (Many / Each))], group.ToArray().Select(static fact => fact.Seq));
            foreach (var fact in group.Span) Assert.False(Interlocked.Exchange(ref seen[(int)fact.Other], true), $"{fact.Other} came twice");
            groups++;
        }

        Assert.Equal(Many / Each, groups);
        Assert.DoesNotContain(false, seen);
    }
}
