using Agora.Journal.Tests.Fakes;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Committing;

public sealed class FailureTests : CommitterFixture
{
    private static readonly JournalUnknownException Lost = new("lost");
    private static readonly JournalUnavailableException Down = new("down");

    [Fact]
    public void A_conflict_fails_all_that_is_queued_of_that_writer_and_of_no_other()
    {
        var committer = Committer();
        var stale = committer.Open("s/1", StreamHead.Empty);
        var good = committer.Open("s/2", StreamHead.Empty);
        Store.Append([Append("s/1", StreamHead.Empty, Entry("another's"))], false, default).Now();

        var sent = stale.Append(Pending("a"));
        var other = good.Append(Pending("a"));
        Turns.Run();
        var queued = stale.Append(Pending("b"));
        var othersNext = good.Append(Pending("b"));
        Settle();

        Assert.Equal(Refused(AppendStatus.Conflict), sent.Now());
        Assert.Equal(Refused(AppendStatus.Conflict), queued.Now());
        Assert.Equal(Refused(AppendStatus.Conflict), stale.Append(Pending("c")).Now());
        Assert.Equal(Refused(AppendStatus.Conflict), stale.Confirm().Now());
        Assert.Equal(Refused(AppendStatus.Conflict), stale.Flush().Now());
        Assert.True(stale.Failed);
        Assert.Equal([Written(1), Written(2)], [other.Now(), othersNext.Now()]);
        Assert.Equal(["another's"], Said("s/1"));
    }

    [Fact]
    public void A_taken_client_key_fails_its_stream_only_KeyTaken()
    {
        var committer = Committer();
        var first = committer.Open("s/1", StreamHead.Empty).Append(new PendingEntry { Entry = Entry("a"), Key = Key("k1") });
        var second = committer.Open("s/2", StreamHead.Empty).Append(new PendingEntry { Entry = Entry("b"), Key = Key("k1", "s/2") });
        var third = committer.Open("s/3", StreamHead.Empty).Append(Pending("c"));
        Settle();
        Assert.Equal([Written(1), Refused(AppendStatus.KeyTaken), Written(1)], [first.Now(), second.Now(), third.Now()]);
        Assert.Empty(Said("s/2"));
    }

    [Fact]
    public void A_row_is_written_without_a_key_that_yields_to_another_command_and_with_its_other_keys()
    {
        var committer = Committer();
        var first = committer.Open("s/1", StreamHead.Empty).Append(new PendingEntry { Entry = Entry("a"), Key = Key("k1") });
        var writer = committer.Open("s/2", StreamHead.Empty);
        _ = writer.RideAwaited(new PendingEntry { Entry = Entry("b"), Key = Key("k1", "s/2") with { Yields = true } });
        _ = writer.RideAwaited(new PendingEntry { Entry = Entry("c"), Key = Key("k2", "s/2") with { Yields = true, CommandId = Id(8) } });
        var row = writer.Append(new PendingEntry { Entry = Entry("d"), Key = Key("k3", "s/2") with { CommandId = Id(9) } });
        Settle();
        Assert.Equal([Written(1), Written(1)], [first.Now(), row.Now()]);
        Assert.Equal(["b", "c", "d"], Said("s/2"));
        Assert.Equal(["s/1", "s/2", "s/2"], new[] { "k1", "k2", "k3" }.Select(key => Store.FindKey("default", "agent-1", key, default).Now()?.Stream));
    }

    [Fact]
    public void A_row_that_takes_a_key_which_does_not_yield_is_not_written_whichever_others_it_takes()
    {
        var committer = Committer();
        var first = committer.Open("s/1", StreamHead.Empty).Append(new PendingEntry { Entry = Entry("a"), Key = Key("k1") });
        var writer = committer.Open("s/2", StreamHead.Empty);
        _ = writer.RideAwaited(new PendingEntry { Entry = Entry("b"), Key = Key("k2", "s/2") with { Yields = true, CommandId = Id(8) } });
        var row = writer.Append(new PendingEntry { Entry = Entry("c"), Key = Key("k1", "s/2") });
        Settle();
        Assert.Equal([Written(1), Refused(AppendStatus.KeyTaken)], [first.Now(), row.Now()]);
        Assert.Empty(Said("s/2"));
    }

    [Fact]
    public void A_row_stamped_too_far_ahead_fails_its_stream_only_ClockAhead()
    {
        var committer = Committer();
        var ahead = committer.Open("s/1", StreamHead.Empty).Append(Pending("a", atMicros: Time.NowMicros + 5_000_001));
        var fine = committer.Open("s/2", StreamHead.Empty).Append(Pending("a", atMicros: Time.NowMicros + 5_000_000));
        Settle();
        Assert.Equal([Refused(AppendStatus.ClockAhead), Written(1)], [ahead.Now(), fine.Now()]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_journal_that_is_cut_off_is_asked_no_second_time_Unknown(bool isSecondAttempt)
    {
        var sent = Committer().Open("s/1", StreamHead.Empty).Append(Pending("a"));
        Turns.Run();
        if (isSecondAttempt)
        {
            Fail(Lost);
            Time.Advance(TimeSpan.FromMinutes(1));
            Turns.Run();
        }

        Fail(new JournalCutOffException());

        Assert.True(sent.Task.IsCompleted);
        await Assert.ThrowsAsync<JournalUnknownException>(() => sent.Task);
        Assert.Equal(0, Journal.Waiting);
    }

    [Fact]
    public void Unavailable_fails_the_batch_and_the_committer_goes_on()
    {
        var committer = Committer();
        var writer = committer.Open("s/1", StreamHead.Empty);
        var failed = writer.Append(Pending("a"));
        Turns.Run();
        var queued = writer.Append(Pending("b"));
        var next = committer.Open("s/2", StreamHead.Empty).Append(Pending("c"));
        Fail(Down);
        Assert.Equal([Refused(AppendStatus.Unavailable), Refused(AppendStatus.Unavailable)], [failed.Now(), queued.Now()]);
        Settle();
        Assert.Equal(Written(1), next.Now());

        var reloaded = committer.Open("s/1", StreamHead.Empty).Append(Pending("a again"));
        Settle();
        Assert.Equal(Written(1), reloaded.Now());
        Assert.Equal(["a again"], Said("s/1"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_unknown_batch_is_sent_again_until_it_is_known_and_is_there_once_Written(bool writtenAtFirst)
    {
        var committer = Committer();
        var writer = committer.Open("s/1", StreamHead.Empty);
        var append = writer.Append(new PendingEntry { Entry = Entry("a"), Key = Key("k1"), State = "a" });
        Turns.Run();
        if (writtenAtFirst)
        {
            Journal.WriteAndLose();
        }
        else
        {
            Journal.Fail(Lost);
        }

        Turns.Run();
        var stalled = writer.Append(Pending("b"));
        var older = committer.Open("s/1", StreamHead.Empty).Append(Pending("a usurper's"));
        Turns.Run();
        Assert.Single(Journal.Sent);

        // Unavailable on a resend says nothing about the first attempt.
        foreach (var error in new Exception[] { Down, Lost })
        {
            Time.Advance(TimeSpan.FromSeconds(1));
            Turns.Run();
            Fail(error);
            Assert.False(append.IsCompleted);
        }

        Time.Advance(TimeSpan.FromSeconds(1));
        Settle();
        Assert.Equal([Written(1), Written(2)], [append.Now(), stalled.Now()]);
        Assert.Equal(Refused(AppendStatus.Conflict), older.Now());
        Assert.Equal([false, true, true, true], Journal.Sent.Take(4).Select(s => s.Again));
        Assert.All(Journal.Sent.Skip(1).Take(3), resent => Assert.Same(Journal.Sent[0].Batch, resent.Batch));
        Assert.Equal(["a", "b"], Said("s/1"));
    }

    [Fact]
    public void An_unknown_batch_whose_place_another_took_meanwhile_is_Conflict()
    {
        var append = Committer().Open("s/1", StreamHead.Empty).Append(Pending("a"));
        Turns.Run();
        Fail(Lost);
        Store.Append([Append("s/1", StreamHead.Empty, Entry("another's"))], false, default).Now();
        Time.Advance(TimeSpan.FromSeconds(1));
        Settle();
        Assert.Equal(Refused(AppendStatus.Conflict), append.Now());
    }

    [Fact]
    public void Pauses_between_resends_double_up_to_the_bound()
    {
        _ = Committer(new CommitterOptions { FirstPause = TimeSpan.FromMilliseconds(300), MaxPause = TimeSpan.FromSeconds(1) }).Open("s/1", StreamHead.Empty).Append(Pending("a"));
        Turns.Run();
        foreach (var pause in new[] { 300, 600, 1000, 1000 })
        {
            var sent = Journal.Sent.Count;
            Fail(Lost);
            Time.Advance(TimeSpan.FromMilliseconds(pause - 1));
            Turns.Run();
            Assert.Equal(sent, Journal.Sent.Count);
            Time.Advance(TimeSpan.FromMilliseconds(1));
            Turns.Run();
            Assert.Equal(sent + 1, Journal.Sent.Count);
        }
    }

    [Fact]
    public async Task A_defect_of_the_journal_reaches_those_who_waited_and_no_one_else()
    {
        var committer = Committer();
        var writer = committer.Open("s/1", StreamHead.Empty);
        var append = writer.Append(Pending("a"));
        Turns.Run();
        Fail(new InvalidOperationException("no such table"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => append.Task);
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.Confirm().Task);

        var next = committer.Open("s/2", StreamHead.Empty).Append(Pending("b"));
        Settle();
        Assert.Equal(Written(1), await next);
    }

    [Fact]
    public void Text_that_is_not_Unicode_is_refused_in_the_callers_turn_and_harms_no_one()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        var bad = new PendingEntry { Entry = new JournalEntry(Id(1), 1, default, [new StoredEvent("\ud800", 1, default)]) };
        Assert.ThrowsAny<ArgumentException>(() => { _ = writer.Append(bad); });
        var append = writer.Append(Pending("a"));
        Settle();
        Assert.Equal(Written(1), append.Now());
    }
}
