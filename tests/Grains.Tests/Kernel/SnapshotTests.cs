using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;

namespace Agora.Grains.Tests.Kernel;

/// <summary>Snapshots save time and nothing else: taken when nothing young is in them, ignored when anything does not fit.</summary>
public sealed class SnapshotTests
{
    private const int Enough = 500;
    private static readonly TimeSpan Old = Limits.OutcomeKept + Limits.ReserveMaxAhead + TimeSpan.FromSeconds(1);
    private readonly Bench _bench = new();

    [Fact]
    public void A_snapshot_is_taken_when_it_is_old_enough_and_what_loads_from_it_equals_a_replay()
    {
        var host = Filled(_bench);
        Assert.Null(Saved());
        _bench.Time.Advance(Old);
        _bench.Ask(host, new TallyCommand.Add(1));
        Assert.Equal(Enough, Saved()!.Seq);
        var reads = 0;
        var next = _bench.Next();
        next.Fault = call => { reads += call == JournalCall.Read ? 1 : 0; return default; };
        Assert.Equal(Enough + 1, next.Sum(next.Activate()));
        Assert.Equal(Enough + 1, Replayed());
        Assert.Equal(2, reads); // its own row, and what came after it
    }

    [Fact]
    public void Nothing_is_saved_of_a_short_stream_however_old()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(1));
        _bench.Time.Advance(Old);
        _bench.Scheduler.Run(() => host.Close(TimeSpan.Zero));
        Assert.Null(Saved());
    }

    [Fact]
    public void A_closing_activation_saves_what_is_old_enough()
    {
        var host = Filled(_bench);
        _bench.Time.Advance(Old);
        _bench.Scheduler.Run(() => host.Close(TimeSpan.Zero));
        Assert.Equal(Enough, Saved()!.Seq);
        Assert.Equal(Enough, _bench.Sum(_bench.Activate()));
    }

    [Fact]
    public void A_snapshot_with_another_hash_version_or_place_is_ignored()
    {
        Filled(_bench);
        var head = _bench.Rows()[^1];
        var wrong = TallyDecider.Save(TallyDecider.Initial(StreamId.Wallet("t1")) with { Sum = 7 });
        Snapshot[] unfit =
        [
            new(head.Seq, new byte[32], TallyDecider.SnapshotVersion, null, wrong),
            new(head.Seq, head.Hash, TallyDecider.SnapshotVersion + 1, null, wrong),
            new(head.Seq + 5, head.Hash, TallyDecider.SnapshotVersion, null, wrong),
        ];
        foreach (var snapshot in unfit)
        {
            Save(snapshot);
            Assert.Equal(Enough, _bench.Sum(_bench.Next().Activate()));
        }

        Save(new(head.Seq, head.Hash, TallyDecider.SnapshotVersion, null, wrong));
        Assert.Equal(7, _bench.Sum(_bench.Next().Activate()));
    }

    [Fact]
    public void A_store_that_takes_no_snapshot_takes_nothing_else_along()
    {
        var host = Filled(_bench);
        _bench.Time.Advance(Old);
        _bench.Fault = call => call == JournalCall.SaveSnapshot ? new(JournalFailure.Unavailable) : default;
        Assert.Equal(Enough + 1, Bench.SumIn(_bench.Ask(host, new TallyCommand.Add(1))));
        Assert.Equal(0, _bench.Ended);
    }

    /// <summary>The clock of the process that loads may be behind the one that wrote; an entry before its predecessor would break the chain.</summary>
    [Fact]
    public void Time_goes_on_from_a_snapshot_whatever_the_clock_says()
    {
        var host = Filled(_bench);
        _bench.Time.Advance(Old);
        _bench.Scheduler.Run(() => host.Close(TimeSpan.Zero));
        var behind = _bench.Behind(TimeSpan.FromHours(1));
        behind.Ask(behind.Activate(), new TallyCommand.Add(1));
        var broken = new List<BrokenPlace>();
        _bench.Scheduler.Run(() => Verifier.Verify(_bench.Journal, broken.Add, default));
        Assert.Empty(broken);
    }

    private static TallyHost Filled(Bench bench)
    {
        var host = bench.Activate();
        for (var i = 0; i < Enough; i++)
        {
            bench.Ask(host, new TallyCommand.Add(1));
        }

        return host;
    }

    private Snapshot? Saved() => _bench.Scheduler.Run(() => _bench.Journal.LoadSnapshot(StreamId.Wallet("t1").ToString(), default));

    private void Save(Snapshot snapshot) => _bench.Scheduler.Run(() => _bench.Journal.SaveSnapshot(StreamId.Wallet("t1").ToString(), snapshot, default));

    private long Replayed() => _bench.Rows().SelectMany(RowCodec.Decode).SelectMany(e => e.Events)
        .Select(e => TallyDecider.Events.Decode(e.Name, e.Version, e.Payload, null))
        .Aggregate(TallyDecider.Initial(StreamId.Wallet("t1")), (s, e) => TallyDecider.Evolve(s, e, default)).Sum;
}
