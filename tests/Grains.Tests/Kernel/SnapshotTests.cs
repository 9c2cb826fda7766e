using System.Text;
using Agora.Core.Kernel;
using Agora.Journal;
using Agora.Journal.Memory;

namespace Agora.Grains.Tests.Kernel;

/// <summary>Snapshots save time and nothing else: taken when nothing young is in them, ignored when anything does not fit.</summary>
public sealed class SnapshotTests
{
    private const int Enough = 500;
    private static readonly string Stream = StreamId.Wallet("t1").ToString();
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

    /// <summary>It is known for as long after its own time: where a tenant's clock was advanced, by hours.</summary>
    [Fact]
    public void A_snapshot_waits_for_a_command_whose_id_is_from_ahead()
    {
        var ahead = TimeSpan.FromHours(1);
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(1), Ids.Derive(_bench.Time.GetUtcNow() + ahead, Guid.Empty, int.MaxValue));
        for (var i = 1; i < Enough; i++)
        {
            _bench.Ask(host, new TallyCommand.Add(1));
        }

        _bench.Time.Advance(Old);
        _bench.Ask(host, new TallyCommand.Add(1));
        Assert.Null(Saved());
        _bench.Time.Advance(ahead);
        _bench.Ask(host, new TallyCommand.Add(1));
        Assert.Equal(Enough, Saved()!.Seq);
    }

    [Fact]
    public void A_closing_activation_saves_nothing_while_it_knows_a_command_whose_id_is_from_ahead()
    {
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(1), Ids.Derive(_bench.Time.GetUtcNow() + TimeSpan.FromHours(1), Guid.Empty, int.MaxValue));
        for (var i = 1; i < Enough; i++)
        {
            _bench.Ask(host, new TallyCommand.Add(1));
        }

        _bench.Time.Advance(Old);
        _bench.Scheduler.Run(() => host.Close(TimeSpan.Zero));
        Assert.Null(Saved());
    }

    [Fact]
    public void An_activation_that_goes_on_saves_the_next_one_too()
    {
        var host = Filled(_bench);
        for (var turn = 1; turn <= 2; turn++)
        {
            _bench.Time.Advance(Old);
            for (var i = 0; i < Enough; i++)
            {
                _bench.Ask(host, new TallyCommand.Add(0));
            }

            Assert.Equal(turn * Enough, Saved()!.Seq);
        }
    }

    [Fact]
    public void What_stands_behind_large_rows_is_loaded_too_and_never_many_of_them_at_once()
    {
        var head = StreamHead.Empty;
        for (var sum = 1; sum <= 5; sum++)
        {
            var payload = Encoding.UTF8.GetBytes($$"""{"amount":1,"sum":{{sum}}}""" + new string(' ', JournalPages.MaxBytes * 3 / 4));
            var row = RowCodec.Next(Stream, head, [new(new Guid(sum, 0, 0, new byte[8]), 1, default, [new("tally.added", 1, payload)])]);
            _bench.Scheduler.Run(() => _bench.Journal.Append([new(Stream, head, row, 1, [], [], null)], false, default));
            head = new(row.Seq, row.Hash);
        }

        var reads = 0;
        _bench.Fault = call => { reads += call == JournalCall.Read ? 1 : 0; return default; };
        Assert.Equal(5, _bench.Sum(_bench.Activate()));
        Assert.Equal(3, reads);
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
            Save(_bench.Snapshots.Seal(Stream, snapshot));
            Assert.Equal(Enough, _bench.Sum(_bench.Next().Activate()));
        }

        Save(_bench.Snapshots.Seal(Stream, new(head.Seq, head.Hash, TallyDecider.SnapshotVersion, null, wrong)));
        Assert.Equal(7, _bench.Sum(_bench.Next().Activate()));
    }

    /// <summary>They can copy number and hash from the stream's last row, and whatever another snapshot holds.</summary>
    [Fact]
    public void A_snapshot_that_somebody_without_the_master_key_wrote_is_ignored_and_named_by_the_verifier_if_it_has_a_code()
    {
        Filled(_bench);
        var head = _bench.Rows()[^1];
        var wrong = new Snapshot(head.Seq, head.Hash, TallyDecider.SnapshotVersion, null, TallyDecider.Save(TallyDecider.Initial(StreamId.Wallet("t1")) with { Sum = 7 }));
        var right = _bench.Snapshots.Seal(Stream, wrong);
        (Snapshot Stored, bool IsBroken)[] forged =
        [
            (wrong, false),
            (right with { State = right.State[..31] }, true),
            (right with { State = (byte[])[.. right.State.Span[..32], .. wrong.State.Span[1..], 1] }, true),
            (right with { KeyId = "" }, true),
            (new SnapshotCodes(Enumerable.Repeat((byte)1, 32).ToArray()).Seal(Stream, wrong), true),
            (_bench.Snapshots.Seal(StreamId.Wallet("t2").ToString(), wrong), true),
            (_bench.Snapshots.Seal(Stream, wrong with { Seq = wrong.Seq - 1 }) with { Seq = wrong.Seq }, true),
            (_bench.Snapshots.Seal(Stream, wrong with { Hash = new byte[32] }) with { Hash = wrong.Hash }, true),
            (_bench.Snapshots.Seal(Stream, wrong with { Version = 0 }) with { Version = right.Version }, true),
        ];
        foreach (var (stored, isBroken) in forged)
        {
            Save(stored);
            Assert.Equal(Enough, _bench.Sum(_bench.Next().Activate()));
            Assert.Equal(new(1, isBroken ? 0 : 1, isBroken ? 1 : 0), Verified(out var broken));
            Assert.Equal(isBroken ? [Stream] : [], broken.Select(p => p.Stream));
        }

        Save(right);
        Assert.Equal(new(1, 0, 0), Verified(out _));
    }

    /// <summary>An upgrade replays a long stream once.</summary>
    [Fact]
    public void A_snapshot_without_a_code_is_replaced_as_the_stream_goes_on()
    {
        Filled(_bench);
        var head = _bench.Rows()[^1];
        Save(new(head.Seq, head.Hash, TallyDecider.SnapshotVersion, null, TallyDecider.Save(TallyDecider.Initial(StreamId.Wallet("t1")))));
        var host = _bench.Activate();
        _bench.Ask(host, new TallyCommand.Add(1));
        _bench.Time.Advance(Old);
        _bench.Ask(host, new TallyCommand.Add(1));
        Assert.Equal(Enough + 1, Saved()!.Seq);
        Assert.Equal(new(1, 0, 0), Verified(out _));
    }

    /// <summary>A process of the release before reads plain states of the versions that it knows.</summary>
    [Fact]
    public void A_stored_snapshot_has_a_version_above_all_that_a_release_without_codes_knows()
    {
        var stored = _bench.Snapshots.Seal("default/wallet/t1", new(2, new byte[] { 1, 2 }, 3, "user/u1", new byte[] { 4 }));
        Assert.Equal(65_539, stored.Version);
        Assert.Equal("6c30d51b61bdbda2291e46c2b81e089fd9934e629a43fb881c83582b528781c304", Convert.ToHexStringLower(stored.State.Span));
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

    private SnapshotReport Verified(out List<BrokenPlace> broken)
    {
        var places = broken = [];
        return _bench.Scheduler.Run(() => SnapshotVerifier.Verify(_bench.Journal, _bench.Snapshots, places.Add, default));
    }

    private Snapshot? Saved() => _bench.Scheduler.Run(() => _bench.Journal.LoadSnapshot(StreamId.Wallet("t1").ToString(), default));

    private void Save(Snapshot snapshot) => _bench.Scheduler.Run(() => _bench.Journal.SaveSnapshot(StreamId.Wallet("t1").ToString(), snapshot, default));

    private long Replayed() => _bench.Rows().SelectMany(RowCodec.Decode).SelectMany(e => e.Events)
        .Select(e => TallyDecider.Events.Decode(e.Name, e.Version, e.Payload, null))
        .Aggregate(TallyDecider.Initial(StreamId.Wallet("t1")), (s, e) => TallyDecider.Evolve(s, e, default)).Sum;
}
