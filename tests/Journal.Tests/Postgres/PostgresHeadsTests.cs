using Agora.Journal.Postgres;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Postgres;

public sealed class PostgresHeadsTests
{
    private const long Former = 1, Now = 2;
    private static readonly StreamAppend[] Batch = [Append("s/1", StreamHead.Empty, Entry("a"))];
    private readonly PostgresHeads _heads = new();

    [Fact]
    public void Another_incarnation_is_taken_on_when_all_that_was_acknowledged_last_is_there()
    {
        _heads.Begin(Former, null);
        _heads.Keep(Former, Batch);
        _heads.Looked(_heads.Last(), Now, areThere: true);
        Assert.Equal(Now, Incarnation());
    }

    [Fact]
    public void An_acknowledgement_of_the_former_incarnation_that_comes_late_lets_nothing_be_written_until_it_was_looked_for()
    {
        _heads.Begin(Former, null);
        _heads.Looked(_heads.Last(), Now, areThere: true);
        _heads.Keep(Former, Batch);
        Assert.DoesNotContain(Incarnation(), new[] { 0, Former, Now });
        _heads.Keep(Now, [Append("s/2", StreamHead.Empty, Entry("under way meanwhile"))]);
        Assert.DoesNotContain(Incarnation(), new[] { 0, Former, Now });
        Assert.Equal(["s/1", "s/2"], _heads.Last().Rows.Select(row => row.Stream));
        Assert.Throws<JournalCutOffException>(() => _heads.Looked(_heads.Last(), Now, areThere: false));
        Assert.Throws<JournalCutOffException>(() => Incarnation());
    }

    [Fact]
    public void What_is_acknowledged_while_it_is_looked_is_looked_for_too()
    {
        _heads.Begin(Former, null);
        var last = _heads.Last();
        _heads.Keep(Former, Batch);
        _heads.Looked(last, Now, areThere: true);
        Assert.Equal(Former, Incarnation());
        _heads.Looked(_heads.Last(), Now, areThere: true);
        Assert.Equal(Now, Incarnation());
    }

    private long Incarnation() => _heads.Known(Batch, trust: true, new bool[1]);
}
