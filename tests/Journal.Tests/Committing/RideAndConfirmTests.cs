using Agora.Journal.Tests.Fakes;
using static Agora.Journal.Tests.Samples;

namespace Agora.Journal.Tests.Committing;

public sealed class RideAndConfirmTests : CommitterFixture
{
    [Fact]
    public void What_rides_waits_for_the_next_append_and_shares_its_row()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        writer.Ride(Pending("closed"));
        Turns.Run();
        Assert.Empty(Journal.Sent);
        var append = writer.Append(Pending("asked"));
        Settle();
        Assert.Equal(Written(1), append.Now());
        Assert.Equal(["closed", "asked"], Said("s/1"));
    }

    [Fact]
    public void What_rides_does_not_go_by_itself_when_the_row_before_it_is_durable()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        _ = writer.Append(Pending("a"));
        Turns.Run();
        writer.Ride(Pending("closed"));
        Settle();
        Assert.Single(Journal.Sent);
        Assert.Equal(["a"], Said("s/1"));
    }

    [Fact]
    public void A_row_full_of_what_rides_goes_by_itself()
    {
        var writer = Committer(new CommitterOptions { MaxEntriesPerRow = 2 }).Open("s/1", StreamHead.Empty);
        foreach (var text in new[] { "a", "b", "c" }) writer.Ride(Pending(text));
        Settle();
        Assert.Equal(["a", "b"], Said("s/1"));
    }

    [Fact]
    public void What_is_to_leave_within_a_time_leaves_with_the_rides_of_all_at_a_multiple_of_100_ms()
    {
        var committer = Committer();
        var (first, second) = (committer.Open("s/1", StreamHead.Empty), committer.Open("s/2", StreamHead.Empty));
        first.Ride(Pending("a"));
        first.FlushWithin(TimeSpan.FromMilliseconds(700));
        Time.Advance(TimeSpan.FromMilliseconds(60));
        second.Ride(Pending("b"));
        second.FlushWithin(TimeSpan.FromMilliseconds(700));
        Time.Advance(TimeSpan.FromMilliseconds(639));
        Settle();
        Assert.Empty(Journal.Sent);

        Time.Advance(TimeSpan.FromMilliseconds(1));
        Settle();

        Assert.Equal(2, Assert.Single(Journal.Sent).Batch.Count);
    }

    [Fact]
    public void What_is_to_leave_sooner_is_not_kept_by_what_may_wait_longer()
    {
        var committer = Committer();
        var (first, second) = (committer.Open("s/1", StreamHead.Empty), committer.Open("s/2", StreamHead.Empty));
        first.Ride(Pending("a"));
        first.FlushWithin(TimeSpan.FromSeconds(3));
        second.Ride(Pending("b"));
        second.FlushWithin(TimeSpan.FromSeconds(3));
        second.FlushWithin(TimeSpan.FromMilliseconds(700));

        Time.Advance(TimeSpan.FromMilliseconds(700));
        Settle();
        Assert.Equal(["b"], Said("s/2"));
        Assert.Empty(Said("s/1"));

        Time.Advance(TimeSpan.FromMilliseconds(2_300));
        Settle();
        Assert.Equal(["a"], Said("s/1"));
    }

    [Fact]
    public void What_many_streams_began_to_ride_at_once_leaves_spread_and_within_its_time_and_so_again()
    {
        var committer = Committer(new CommitterOptions { FewTogether = 10, SoftEntries = 40 });
        var writers = Enumerable.Range(0, 100).Select(n => committer.Open($"s/{n}", StreamHead.Empty)).ToList();
        var most = new List<int>();
        for (var round = 0; round < 3; round++)
        {
            foreach (var writer in writers)
            {
                writer.Ride(Pending("read"));
                writer.FlushWithin(TimeSpan.FromSeconds(1));
            }

            var (left, before) = (new List<int>(), Journal.Sent.Count);
            for (var tenth = 0; tenth < 10; tenth++)
            {
                Time.Advance(TimeSpan.FromMilliseconds(100));
                Turns.Run();
                Assert.True(committer.HasRoom);
                Settle();
                left.Add(Journal.Sent.Skip(before).Sum(batch => batch.Batch.Count) - left.Sum());
            }

            Assert.Equal(100, left.Sum());
            most.Add(left.Max());
        }

        Assert.All(most, rows => Assert.InRange(rows, 10, 20));
    }

    [Fact]
    public void What_began_to_ride_at_different_times_is_not_brought_forward_where_moments_are_as_full_as_others()
    {
        var committer = Committer(new CommitterOptions { FewTogether = 1 });
        var left = new List<int>();
        for (var n = 0; n < 500; n++)
        {
            var writer = committer.Open($"s/{n}", StreamHead.Empty);
            writer.Ride(Pending("read"));
            writer.FlushWithin(TimeSpan.FromSeconds(1));
            Time.Advance(TimeSpan.FromMilliseconds(20));
            Settle();
            left.Add(Journal.Sent.Sum(batch => batch.Batch.Count));
        }

        Assert.All(Enumerable.Range(250, 240), n => Assert.InRange(left[n], n - 51, n - 44)); // a second's rides at the most, and nine tenths of one at the least
    }

    [Fact]
    public void What_has_left_with_an_append_is_not_counted_among_what_leaves_later()
    {
        var committer = Committer(new CommitterOptions { FewTogether = 10 });
        var writers = Enumerable.Range(0, 100).Select(n => committer.Open($"s/{n}", StreamHead.Empty)).ToList();
        for (var round = 0; round < 10; round++)
        {
            RideAll();
            foreach (var writer in writers) _ = writer.Append(Pending("asked"));
            Settle();
        }

        RideAll();
        var before = Journal.Sent.Count;
        Time.Advance(TimeSpan.FromMilliseconds(500));
        Settle();

        Assert.NotEmpty(Journal.Sent.Skip(before)); // spread: had they been counted, all would leave at the last moment

        void RideAll()
        {
            foreach (var writer in writers)
            {
                writer.Ride(Pending("read"));
                writer.FlushWithin(TimeSpan.FromSeconds(1));
            }
        }
    }

    [Fact]
    public void What_is_to_leave_sooner_is_not_counted_any_more_where_it_would_have_left()
    {
        var committer = Committer(new CommitterOptions { FewTogether = 10 });
        var writers = Enumerable.Range(0, 100).Select(n => committer.Open($"s/{n}", StreamHead.Empty)).ToList();
        for (var round = 0; round < 10; round++)
        {
            foreach (var writer in writers)
            {
                writer.Ride(Pending("read"));
                writer.FlushWithin(TimeSpan.FromSeconds(9));
                writer.FlushWithin(TimeSpan.FromSeconds(2));
                _ = writer.Append(Pending("asked"));
            }

            Settle();
        }

        foreach (var writer in writers)
        {
            writer.Ride(Pending("read"));
            writer.FlushWithin(TimeSpan.FromSeconds(1));
        }

        var before = Journal.Sent.Count;
        Time.Advance(TimeSpan.FromMilliseconds(500));
        Settle();

        Assert.NotEmpty(Journal.Sent.Skip(before)); // spread: had they been counted, all would leave at the last moment
    }

    [Fact]
    public void What_has_left_with_an_append_takes_nothing_along_that_rides_since()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        writer.Ride(Pending("closed"));
        writer.FlushWithin(TimeSpan.FromMilliseconds(700));
        _ = writer.Append(Pending("asked"));
        Settle();
        writer.Ride(Pending("later"));

        Time.Advance(TimeSpan.FromSeconds(10));
        Settle();

        Assert.Equal(["closed", "asked"], Said("s/1"));
    }

    [Fact]
    public void Who_waits_for_a_row_is_told_once_when_its_fate_is_known_or_at_once()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        var (row, before, after) = (writer.Append(Pending("a")), new Told(), new Told());
        row.Tell(before);
        Assert.Equal(0, before.Times);

        Settle();
        row.Tell(after);

        Assert.Equal((1, 1), (before.Times, after.Times));
        Assert.Equal(Written(1), row.Now());
    }

    private sealed class Told : IAppended
    {
        public int Times { get; private set; }

        public void Appended() => Times++;
    }

    [Fact]
    public void Flush_appends_what_rides()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        writer.Ride(Pending("closed"));
        var flushed = writer.Flush();
        Settle();
        Assert.Equal(Written(1), flushed.Now());
        Assert.Equal(["closed"], Said("s/1"));
    }

    [Fact]
    public void Flush_of_nothing_completes_at_once_or_with_what_is_in_flight()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        Assert.Equal(Written(0), writer.Flush().Now());
        _ = writer.Append(Pending("a"));
        Turns.Run();
        var flushed = writer.Flush();
        Assert.False(flushed.IsCompleted);
        Answer();
        Assert.Equal(Written(1), flushed.Now());
        Assert.Single(Journal.Sent);
    }

    [Fact]
    public void Confirm_alone_checks_the_head_once_for_all_who_ask()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        var confirms = new[] { writer.Confirm(), writer.Confirm() };
        Settle();
        Assert.Null(Assert.Single(Assert.Single(Journal.Sent).Batch).Row);
        Assert.All(confirms, confirm => Assert.Equal(Written(0), confirm.Now()));
    }

    [Fact]
    public void Confirm_joins_the_row_that_is_queued()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        writer.Ride(Pending("closed"));
        var confirmed = writer.Confirm();
        Settle();
        Assert.Equal(Written(1), confirmed.Now());
        Assert.Equal(["closed"], Said("s/1"));
    }

    [Fact]
    public void Confirm_during_a_commit_is_answered_by_the_next_one_because_the_stream_may_have_moved_on_since()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        var append = writer.Append(Pending("a"));
        Turns.Run();

        // The commit reaches the store, another process moves the stream on, and only then is this activation asked.
        var mine = Assert.Single(Journal.Sent).Batch[0];
        Journal.WriteAndLose();
        Store.Append([Append("s/1", HeadAfter(mine), Entry("another's"))], false, default).Now();
        var confirmed = writer.Confirm();
        Turns.Run();
        Time.Advance(TimeSpan.FromSeconds(1));
        Settle();

        Assert.Equal(Written(1), append.Now());
        Assert.Equal(Refused(AppendStatus.Conflict), confirmed.Now());
    }

    [Fact]
    public void A_stale_writers_confirm_is_Conflict()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty);
        Store.Append([Append("s/1", StreamHead.Empty, Entry("another's"))], false, default).Now();
        var confirmed = writer.Confirm();
        Settle();
        Assert.Equal(Refused(AppendStatus.Conflict), confirmed.Now());
        Assert.True(writer.Failed);
    }

    [Fact]
    public void ConfirmedAt_is_when_the_confirmed_batch_was_sent()
    {
        var writer = Committer().Open("s/1", StreamHead.Empty, readAt: 3);
        Assert.Equal(3, writer.ConfirmedAt);
        _ = writer.Confirm();
        Turns.Run();
        var sentAt = Time.GetTimestamp();
        Time.Advance(TimeSpan.FromSeconds(2));
        Answer();
        Assert.Equal(sentAt, writer.ConfirmedAt);
    }
}
