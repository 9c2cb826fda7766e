using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Conversation = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Conversations.ConversationState, Agora.Core.Conversations.ConversationCommand, Agora.Core.Conversations.ConversationEvent>;

namespace Agora.Core.Tests.Conversations;

public sealed class ConversationTests
{
    private static readonly Personal Hello = Personal.Of("hello");

    [Fact]
    public void Whoever_was_chosen_for_a_skill_is_a_member_that_says_so()
    {
        var talk = New().When(new ConversationCommand.Open("a", ["b", "c"], null, false, ConversationLimits.Default, [new("c", "translate")])).ThenAnswered(new Entered(1));
        Assert.Equal([null, null, "translate"], talk.State.Members.Values.Select(member => member.Skill));
    }

    [Fact]
    public void A_request_waits_through_the_parts_of_its_reply_until_the_last_one()
    {
        var part = new ConversationCommand.Say("b", new("m1", "application/json", 7, "q1", More: true), Hello);
        Joined("a", "b").When(Ask("a", "q1", 30))
            .When(part).Then(Said(4, "b", "m1") with { ReplyTo = "q1", More = true }).ThenState(s => Assert.Equal(["q1"], s.Requests.Keys))
            .When(Say("b", "m2", replyTo: "q1")).ThenState(s => Assert.Empty(s.Requests));
        Joined("a", "b").When(Ask("a", "q1", 30)).When(part).After(TimeSpan.FromSeconds(30)).When(new ConversationCommand.Tick()).Then(new ConversationEvent.Unanswered(5, "q1", "a"));
        Joined(ConversationLimits.Default with { Unacknowledged = 2 }, "a", "b").When(Ask("a", "q1", 30)).When(part)
            .When(new ConversationCommand.Say("b", new("m2", "application/json", 7, "q1", More: true), Hello)).ThenRejected(ConversationRejection.TooManyWaiting(2))
            .When(new ConversationCommand.Acknowledge("a", 4)).When(new ConversationCommand.Say("b", new("m2", "application/json", 7, "q1", More: true), Hello)).ThenAnswered(new Entered(5));
    }

    [Fact]
    public void What_is_asked_on_behalf_of_others_does_not_come_back_to_them_nor_go_on_without_end()
    {
        static ConversationCommand.Say For(params string[] path) => new("a", new("q1", "application/json", 7, ReplyWithinSeconds: 30, Path: path), Hello);
        var talk = Joined("a", "b");
        talk.When(For("x", "b")).ThenRejected(ConversationRejection.Cycle).When(For("a")).ThenRejected(ConversationRejection.Cycle)
            .When(For([.. Enumerable.Range(0, TalkLimits.Path + 1).Select(n => $"x{n}")])).ThenRejected(ConversationRejection.TooDeep)
            .When(new ConversationCommand.Leave("b")).When(For("x", "b")).ThenAnswered(new Entered(4));
        Joined("a", "b").When(For("x", "y")).ThenAnswered(new Entered(3)).Then(new ConversationEvent.Said(3, "a", "q1", "application/json", 7, ReplyBy: Conversation.Start.AddSeconds(30), Path: ["x", "y"]) { Content = Hello })
            .When(new ConversationCommand.GetRequest("b", "q1")).ThenAnswered<Asked>(asked => Assert.Equal(["x", "y", "a"], asked.Path))
            .When(new ConversationCommand.GetRequest("a", "q1")).ThenRejected(ConversationRejection.NoSuchRequest)
            .When(new ConversationCommand.GetRequest("b", "q2")).ThenRejected(ConversationRejection.NoSuchRequest)
            .When(new ConversationCommand.GetRequest("x", "q1")).ThenRejected(ConversationRejection.NotFound)
            .After(TimeSpan.FromSeconds(30)).When(new ConversationCommand.GetRequest("b", "q1")).ThenRejected(ConversationRejection.NoSuchRequest);
    }

    [Fact]
    public void It_opens_once_and_shows_itself_to_its_members_alone()
    {
        var talk = New(topic: Personal.Of("rates")).When(Opening("a", ["c", "b"])).ThenAnswered(new Entered(1)).Then(new ConversationEvent.Opened("a", ["b", "c"], false, ConversationLimits.Default));
        talk.When(Opening("a", ["b"])).ThenRejected(ConversationRejection.Exists)
            .When(new ConversationCommand.Get("x")).ThenRejected(ConversationRejection.NotFound)
            .When(new ConversationCommand.Get("b")).ThenAnswered<ConversationView>(view =>
            {
                Assert.Equal([("a", Standings.Joined), ("b", Standings.Invited), ("c", Standings.Invited)], view.Members.Select(m => (m.AgentId, m.Standing)));
                Assert.Equal(("a", 1L, Standings.Invited), (view.Owner, view.Last, view.You!.Standing));
            });
    }

    [Fact]
    public void Nothing_is_done_in_one_that_is_not_there()
    {
        foreach (var command in new ConversationCommand[]
        {
            new ConversationCommand.Get(null), Say("a", "m1"), new ConversationCommand.Join("a"), new ConversationCommand.Invite("a", "b"), new ConversationCommand.Leave("a"), new ConversationCommand.Close("a"),
            new ConversationCommand.Acknowledge("a", 1), new ConversationCommand.DeadLetters("a"), new ConversationCommand.Drop("a", 1), new ConversationCommand.Erase(null),
        })
        {
            New().When(command).ThenRejected(ConversationRejection.NotFound);
        }
    }

    [Fact]
    public void What_is_said_has_the_next_number_and_waits_for_who_is_to_hear_it()
    {
        var talk = Joined("a", "b");
        talk.When(Say("a", "m1")).ThenAnswered(new Entered(3)).Then(Said(3, "a", "m1"))
            .When(Say("b", "m2")).ThenAnswered(new Entered(4)).ThenState(s => Assert.Equal([3L, 4L], s.Waiting.Keys))
            .When(new ConversationCommand.Acknowledge("b", 4)).ThenAnswered(new Acknowledged(4)).ThenState(s => Assert.Equal([4L], s.Waiting.Keys))
            .When(new ConversationCommand.Acknowledge("a", 4)).ThenState(s => Assert.Empty(s.Waiting))
            .When(new ConversationCommand.Acknowledge("a", 2)).Then().ThenAnswered(new Acknowledged(4))
            .When(new ConversationCommand.Acknowledge("a", 5)).ThenRejected(ConversationRejection.FromTheFuture(4))
            .When(new ConversationCommand.Acknowledge("x", 1)).ThenRejected(ConversationRejection.NotFound);
    }

    [Fact]
    public void A_stranger_is_told_one_message_until_somebody_joins()
    {
        var talk = New().When(Opening("a", ["b", "c"])).When(Say("a", "m1")).ThenAnswered(new Entered(2)).When(Say("a", "m2")).ThenRejected(ConversationRejection.NotAccepted)
            .When(new ConversationCommand.Join("b")).ThenAnswered(new Entered(3)).When(Say("a", "m2")).ThenAnswered(new Entered(4));
        var (b, c) = (talk.State.Members["b"], talk.State.Members["c"]);
        Assert.Equal([1L, 2L, 3L, 4L], Enumerable.Range(1, 4).Select(n => (long)n).Where(b.Hears));
        Assert.Equal([1L, 2L], Enumerable.Range(1, 4).Select(n => (long)n).Where(c.Hears));
        Assert.Equal(["b"], talk.State.AwaitedFrom(talk.State.Waiting[4]));
    }

    [Fact]
    public void Who_answers_an_invitation_takes_it() =>
        New().When(Opening("a", ["b"])).When(Say("b", "m1")).ThenAnswered(new Entered(3))
            .Then(new ConversationEvent.Joined(2, "b", Along: true), Said(3, "b", "m1"))
            .When(new ConversationCommand.Join("b")).Then().ThenAnswered(new Entered(0));

    [Fact]
    public void Who_left_hears_no_more_and_keeps_nobody_waiting()
    {
        var talk = Joined("a", "b", "c").When(Say("a", "m1")).When(new ConversationCommand.Acknowledge("b", 4)).ThenState(s => Assert.Single(s.Waiting))
            .When(new ConversationCommand.Leave("c")).ThenAnswered(new Entered(5)).ThenState(s => Assert.Empty(s.Waiting))
            .When(new ConversationCommand.Leave("c")).Then().ThenAnswered(new Entered(0))
            .When(Say("c", "m2")).ThenRejected(ConversationRejection.NotFound)
            .When(new ConversationCommand.Leave("x")).ThenRejected(ConversationRejection.NotFound);
        Assert.Equal((true, true, false), (talk.State.Members["c"].Hears(4), talk.State.Members["c"].Hears(5), talk.State.Members["c"].Hears(6)));

        talk.When(new ConversationCommand.Invite("b", "c")).ThenRejected(ConversationRejection.OwnerOnly).When(new ConversationCommand.Invite("a", "b")).ThenRejected(ConversationRejection.IsMember)
            .When(new ConversationCommand.Invite("x", "c")).ThenRejected(ConversationRejection.NotFound)
            .When(new ConversationCommand.Invite("a", "c")).ThenAnswered(new Entered(6)).ThenState(s => Assert.Equal(Standings.Invited, s.Members["c"].Standing));
    }

    [Fact]
    public void Anybody_subscribes_to_an_open_one_reads_and_keeps_nobody_waiting()
    {
        var talk = New().When(new ConversationCommand.Open("a", [], null, IsOpen: true, ConversationLimits.Default))
            .When(new ConversationCommand.Get("s")).ThenAnswered<ConversationView>(view => Assert.Null(view.You))
            .When(new ConversationCommand.Join("s")).ThenAnswered(new Entered(0)).Then(new ConversationEvent.Subscribed("s", 1))
            .When(Say("a", "m1")).ThenAnswered(new Entered(2)).ThenState(s => Assert.Empty(s.Waiting))
            .When(Say("s", "m2")).ThenRejected(ConversationRejection.MayNotSpeak)
            .When(new ConversationCommand.Acknowledge("s", 2)).ThenAnswered(new Acknowledged(2))
            .When(new ConversationCommand.Invite("a", "s")).ThenState(s => Assert.Empty(s.Subscribers))
            .When(Say("s", "m2")).ThenAnswered(new Entered(5));
        talk.When(new ConversationCommand.Join("t")).When(new ConversationCommand.Leave("t")).Then(new ConversationEvent.Unsubscribed("t"));
        Joined("a", "b").When(new ConversationCommand.Join("s")).ThenRejected(ConversationRejection.NotFound);
    }

    [Fact]
    public void Each_message_that_is_acknowledged_waits_no_more_and_those_behind_it_do()
    {
        var talk = Joined("a", "b").When(Say("a", "m1")).When(Say("a", "m2")).When(Say("a", "m3"));
        talk.When(new ConversationCommand.Acknowledge("b", 3)).ThenState(s => Assert.Equal([4L, 5L], s.Waiting.Keys))
            .When(new ConversationCommand.Acknowledge("b", 4)).ThenState(s => Assert.Equal([5L], s.Waiting.Keys))
            .When(new ConversationCommand.Acknowledge("b", 5)).ThenState(s => Assert.Empty(s.Waiting));
    }

    [Fact]
    public void Who_declines_reads_its_invitation_and_the_entry_behind_it_and_nothing_of_what_was_said_meanwhile()
    {
        var talk = New().When(Opening("a", ["b", "c"])).When(new ConversationCommand.Join("c")).When(Say("a", "m1")).When(Say("a", "m2")).When(new ConversationCommand.Leave("b")).When(Say("a", "m3"));
        Assert.Equal([1L, 2L], Enumerable.Range(1, (int)talk.State.Last).Select(number => (long)number).Where(talk.State.Members["b"].Hears));
    }

    [Fact]
    public void The_row_of_who_unsubscribed_lets_it_hear_nothing()
    {
        var talk = New().When(new ConversationCommand.Open("a", [], null, IsOpen: true, ConversationLimits.Default)).When(Say("a", "m1")).When(new ConversationCommand.Join("s")).When(Say("a", "m2")).When(new ConversationCommand.Leave("s"));
        var row = Assert.Single(ConversationEntity.Entity.Rows(talk.State, talk.Last.Events[0], talk.Now));
        var told = ConversationTables.Members.Columns.Zip(row.Values).ToDictionary(column => column.First, column => column.Second);
        Assert.Equal(Standings.Left, told["standing"]);
        Assert.DoesNotContain(Enumerable.Range(1, 9), number => Member.Hears(number, (long)told["invited"]!, (long)told["from_number"]!, (long?)told["until_number"]));
    }

    [Fact]
    public void Nobody_is_heard_where_too_much_waits()
    {
        var talk = Joined(new ConversationLimits(1_000, 2, 100, 60, 60), "a", "b").When(Say("a", "m1")).When(Say("a", "m2")).When(Say("a", "m3")).ThenRejected(ConversationRejection.TooManyWaiting(2))
            .When(Say("b", "m3")).ThenRejected(ConversationRejection.TooManyWaiting(2))
            .When(new ConversationCommand.Acknowledge("b", 3)).When(Say("a", "m3")).ThenAnswered(new Entered(5));
        talk.When(new ConversationCommand.Say("a", new("m4", "text/plain", 101), Hello)).ThenRejected(ConversationRejection.TooLong(100));
    }

    [Fact]
    public void A_member_says_so_much_a_minute()
    {
        var talk = Joined(new ConversationLimits(2, 100, 100, 60, 60), "a", "b").When(Say("a", "m1")).When(Say("a", "m2")).When(Say("a", "m3")).ThenRejected(ConversationRejection.TooFast(2, 60))
            .When(Say("b", "m3")).ThenAnswered(new Entered(5));
        talk.After(TimeSpan.FromSeconds(60)).When(Say("a", "m4")).ThenAnswered(new Entered(6));
    }

    [Fact]
    public void Dead_letters_are_listed_to_their_sender_and_to_whom_they_did_not_reach_and_to_nobody_who_has_left()
    {
        var talk = Joined(new ConversationLimits(100, 100, 100, TtlSeconds: 60, 600), "a", "b", "c").When(new ConversationCommand.Leave("c")).When(Say("a", "m1")).After(TimeSpan.FromSeconds(60)).When(new ConversationCommand.Tick());

        foreach (var (agent, count) in new[] { ("a", 1), ("b", 1), ("c", 0) })
        {
            talk.When(new ConversationCommand.DeadLetters(agent)).ThenAnswered<DeadLetterList>(list => Assert.Equal(count, list.Letters.Count));
        }
    }

    [Fact]
    public void What_nobody_took_in_time_is_a_dead_letter_until_it_is_sent_anew_or_dropped()
    {
        var talk = Joined(new ConversationLimits(100, 100, 100, TtlSeconds: 60, 600), "a", "b").When(Say("a", "m1")).When(Say("a", "m2", ttl: 10)).When(Say("a", "m3", ttl: 10));
        Assert.Equal(Conversation.Start.AddSeconds(10), talk.State.Due);

        var letter = new DeadLetter(4, "m2", "a", ["b"], DeadReasons.Expired, Conversation.Start.AddSeconds(10));
        talk.After(TimeSpan.FromSeconds(9)).When(new ConversationCommand.Tick()).Then()
            .After(TimeSpan.FromSeconds(1)).When(new ConversationCommand.Tick()).Then(new ConversationEvent.Died(6, letter), new ConversationEvent.Died(7, letter with { Number = 5, MessageId = "m3" }))
            .When(new ConversationCommand.DeadLetters("b")).ThenAnswered<DeadLetterList>(list => Assert.Equal([4L, 5L], list.Letters.Select(l => l.Number)))
            .When(new ConversationCommand.DeadLetters("x")).ThenRejected(ConversationRejection.NotFound)
            .When(new ConversationCommand.Drop("b", 4)).ThenRejected(ConversationRejection.NoSuchLetter)
            .When(new ConversationCommand.Drop("a", 4)).Then(new ConversationEvent.Dropped(4, "a"))
            .When(new ConversationCommand.Drop("a", 4)).ThenRejected(ConversationRejection.NoSuchLetter)
            .When(new ConversationCommand.Say("b", new("m4", "text/plain", 7, Requeues: 5), Hello)).ThenRejected(ConversationRejection.NoSuchLetter)
            .When(new ConversationCommand.Say("a", new("m4", "text/plain", 7, Requeues: 5), Hello)).ThenAnswered(new Entered(8)).ThenState(s => Assert.Empty(s.Dead));
        Assert.Equal(Conversation.Start.AddSeconds(60), talk.State.Due);
        talk.At(Conversation.Start.AddSeconds(60)).When(new ConversationCommand.Tick()).ThenState(s => Assert.Equal([3L], s.Dead.Keys));
    }

    [Fact]
    public void With_as_many_dead_letters_as_are_kept_nothing_is_said_but_one_of_them_anew_TooManyDead()
    {
        const int Each = TalkLimits.DeadLetters / 4;
        var talk = Joined(ConversationLimits.Default with { TtlSeconds = 60 }, "a", "b");
        for (var n = 0; n < 4; n++)
        {
            var first = talk.State.Last + 1;
            talk.Given([.. Enumerable.Range(0, Each).Select(i => Said(first + i, "a", $"m{n}.{i}"))]).After(TimeSpan.FromSeconds(60)).When(new ConversationCommand.Tick());
        }

        Assert.Equal(TalkLimits.DeadLetters, talk.State.Dead.Count);
        talk.When(Say("a", "more")).ThenRejected(ConversationRejection.TooManyDead).When(Say("b", "more")).ThenRejected(ConversationRejection.TooManyDead)
            .When(new ConversationCommand.Say("a", new("m0.0", "application/json", 7, Requeues: 3), Hello)).ThenState(s => Assert.Equal(TalkLimits.DeadLetters - 1, s.Dead.Count))
            .When(Say("a", "more")).ThenAnswered(new Entered(talk.State.Last));
    }

    [Fact]
    public void A_request_is_answered_by_another_in_time_or_its_sender_is_told()
    {
        var talk = Joined("a", "b").When(Ask("a", "q1", 30)).When(Ask("b", "q1", 30)).ThenRejected(ConversationRejection.RequestWaits)
            .When(Say("a", "m1", replyTo: "q1")).ThenState(s => Assert.Single(s.Requests))
            .When(Say("b", "m2", replyTo: "q1")).ThenState(s => Assert.Empty(s.Requests))
            .When(Ask("a", "q2", 30));
        Assert.Equal(Conversation.Start.AddSeconds(30), talk.State.Due);
        talk.After(TimeSpan.FromSeconds(30)).When(new ConversationCommand.Tick()).Then(new ConversationEvent.Unanswered(7, "q2", "a")).ThenState(s => Assert.Empty(s.Requests));
    }

    [Fact]
    public void Its_owner_closes_it_and_what_was_said_is_erased_when_its_retention_is_over()
    {
        var talk = Joined(new ConversationLimits(100, 100, 100, 60, RetentionSeconds: 3_600), "a", "b").When(Say("a", "m1")).When(new ConversationCommand.Acknowledge("b", 3))
            .When(new ConversationCommand.Close("b")).ThenRejected(ConversationRejection.OwnerOnly).When(new ConversationCommand.Close("x")).ThenRejected(ConversationRejection.NotFound)
            .When(new ConversationCommand.Close("a")).ThenAnswered(new Entered(4)).When(new ConversationCommand.Close("a")).Then().ThenAnswered(new Entered(0))
            .When(Say("a", "m2")).ThenRejected(ConversationRejection.Closed).When(new ConversationCommand.Invite("a", "c")).ThenRejected(ConversationRejection.Closed);
        Assert.Equal(Conversation.Start.AddHours(1), talk.State.Due);
        talk.After(TimeSpan.FromHours(1)).When(new ConversationCommand.Tick()).Then(new ConversationEvent.Erased(null)).ThenState(s => Assert.Equal(Counts(s), s.Due))
            .When(new ConversationCommand.Tick()).Then();
    }

    [Fact]
    public void What_still_waits_when_the_retention_is_over_is_a_dead_letter_before_it_is_erased()
    {
        var limits = new ConversationLimits(1_000, 1_000, 100, TtlSeconds: 3_600, RetentionSeconds: 60);
        var end = Conversation.Start.AddSeconds(60);
        Joined(limits, "a", "b").When(Say("a", "m1")).When(new ConversationCommand.Close("a")).At(end).When(new ConversationCommand.Tick())
            .Then(new ConversationEvent.Died(5, new(3, "m1", "a", ["b"], DeadReasons.Closed, end)), new ConversationEvent.Erased(null))
            .ThenState(s => Assert.Equal((0, 0, Counts(s)), (s.Waiting.Count, s.Dead.Count, s.Due)));

        var many = Joined(limits, "a", "b");
        for (var n = 0; n <= TalkLimits.DieAtOnce; n++) many.When(Say("a", $"m{n}"));
        many.When(new ConversationCommand.Close("a")).At(end).When(new ConversationCommand.Tick()).ThenState(s => Assert.Equal((false, 1), (s.IsErased, s.Waiting.Count)));
        Assert.Equal(end, many.State.Due);
        many.When(new ConversationCommand.Tick()).ThenState(s => Assert.Equal((true, 0), (s.IsErased, s.Waiting.Count)));
    }

    [Fact]
    public void A_day_is_counted_once_when_it_is_over_and_what_happens_meanwhile_belongs_to_the_next_day()
    {
        var today = DayCount.DayOf(Conversation.Start);
        var talk = Joined(ConversationLimits.Default with { TtlSeconds = 3_600 }, "a", "b", "c").When(Say("a", "m1")).When(Say("a", "m2")).When(new ConversationCommand.Acknowledge("b", 5));
        var written = Counts(talk.State)!.Value;
        Assert.Equal((today, new(today, Messages: 2)), (DayCount.DayOf(written) - 1, Assert.Single(talk.State.Days)));
        talk.When(new ConversationCommand.Acknowledge("c", 4)).After(TimeSpan.FromHours(1)).When(new ConversationCommand.Tick()).ThenState(s => Assert.Equal(new DayCount(today, Messages: 2, Delivered: 1, Dead: 1), Assert.Single(s.Days)));
        talk.At(written.AddSeconds(-1)).When(new ConversationCommand.Tick()).Then().When(Say("a", "m3")).ThenState(s => Assert.Equal(written, s.Due));

        talk.At(written).When(new ConversationCommand.Tick()).Then(new ConversationEvent.DayCounted(new(today, Messages: 2, Delivered: 1, Dead: 1)));

        var row = Assert.Single(ConversationEntity.Entity.Rows(talk.State, talk.Last.Events[0], talk.Now));
        Assert.Equal(["default", today, "c1", 2L, 1L, 1L], row.Values);
        talk.When(new ConversationCommand.Tick()).Then().ThenState(s => Assert.Equal(new DayCount(today + 1, Messages: 1), Assert.Single(s.Days)));
    }

    [Fact]
    public void What_comes_later_on_a_day_is_added_to_its_count_and_of_messages_that_are_acknowledged_at_once_each_is_delivered()
    {
        var today = DayCount.DayOf(Conversation.Start);
        Joined(ConversationLimits.Default with { TtlSeconds = 3_600 }, "a", "b").When(Say("a", "m1")).When(Say("a", "m2")).When(Say("a", "m3"))
            .When(new ConversationCommand.Acknowledge("b", 4)).ThenState(s => Assert.Equal(new DayCount(today, Messages: 3, Delivered: 2), Assert.Single(s.Days)))
            .After(TimeSpan.FromHours(1)).When(new ConversationCommand.Tick()).When(Say("a", "m4")).ThenState(s => Assert.Equal(new DayCount(today, Messages: 4, Delivered: 2, Dead: 1), Assert.Single(s.Days)));
    }

    [Fact]
    public void Days_that_a_snapshot_of_an_older_release_left_uncounted_are_over_once_a_later_day_is_counted()
    {
        var (today, later) = (DayCount.DayOf(Conversation.Start), Conversation.Start.AddDays(3));
        var rebuilt = Joined("a", "b").When(Say("a", "m1")).State.Evolve(Said(4, "a", "m2"), later).Evolve(Said(5, "a", "m3"), later.AddDays(1));
        Assert.Equal([today, today + 3, today + 4], rebuilt.Days.Select(count => count.Day));

        Assert.Equal(new DayCount(today + 4, Messages: 1), Assert.Single(rebuilt.Evolve(new ConversationEvent.DayCounted(new(today + 3, Messages: 1)), later.AddDays(1)).Days));
    }

    [Fact]
    public void A_message_that_its_last_recipient_leaves_behind_or_that_its_owner_erases_is_neither_delivered_nor_dead()
    {
        var today = DayCount.DayOf(Conversation.Start);
        Joined("a", "b").When(Say("a", "m1")).When(new ConversationCommand.Leave("b")).ThenState(s => Assert.Equal(new DayCount(today, Messages: 1), Assert.Single(s.Days)));
        var erased = Joined("a", "b").When(Say("a", "m1")).When(new ConversationCommand.Erase("a"));
        erased.At(Counts(erased.State)!.Value).When(new ConversationCommand.Tick()).Then(new ConversationEvent.DayCounted(new(today, Messages: 1))).ThenState(s => Assert.Empty(s.Days));
    }

    [Fact]
    public void A_reply_that_comes_too_late_stands_behind_the_word_that_there_was_none_in_time()
    {
        var late = new ConversationEvent.Said(6, "b", "m2", "application/json", 7, ReplyTo: "q2") { Content = Hello };
        var talk = Joined("a", "b").When(Ask("a", "q1", 30)).When(Ask("a", "q2", 30));
        talk.After(TimeSpan.FromSeconds(29)).When(Say("b", "m1", replyTo: "q1")).ThenAnswered(new Entered(5)).ThenState(s => Assert.Equal(["q2"], s.Requests.Keys))
            .After(TimeSpan.FromSeconds(1)).When(Say("b", "m2", replyTo: "q2")).Then(new ConversationEvent.Unanswered(6, "q2", "a", Along: true), late with { Number = 7 }).ThenAnswered(new Entered(7))
            .When(new ConversationCommand.Tick()).Then();
    }

    [Fact]
    public void Who_left_an_open_one_and_subscribed_stands_as_a_subscriber()
    {
        New().When(new ConversationCommand.Open("a", ["b"], null, IsOpen: true, ConversationLimits.Default)).When(new ConversationCommand.Join("b")).When(new ConversationCommand.Leave("b")).When(new ConversationCommand.Join("b"))
            .When(Say("a", "m1")).When(new ConversationCommand.Get("b")).ThenAnswered<ConversationView>(view => Assert.Equal((Standings.Subscribed, true), (view.You!.Standing, view.You.Hears(4))))
            .When(new ConversationCommand.Acknowledge("b", 4)).ThenAnswered(new Acknowledged(4)).When(new ConversationCommand.Acknowledge("b", 4)).Then();
    }

    [Fact]
    public void An_erased_one_is_closed_and_remembers_nothing_that_was_said()
    {
        var talk = Joined("a", "b").When(Say("a", "m1")).When(new ConversationCommand.Erase("b")).ThenRejected(ConversationRejection.OwnerOnly).When(new ConversationCommand.Erase("x")).ThenRejected(ConversationRejection.NotFound)
            .When(new ConversationCommand.Erase("a")).Then(new ConversationEvent.Closed(4, "a", Along: true), new ConversationEvent.Erased("a"));
        Assert.Equal((true, 0, true), (talk.State.IsErased, talk.State.Waiting.Count, talk.State.Topic is null));
        talk.When(new ConversationCommand.Erase(null)).Then().ThenAnswered(Nothing.Value);
    }

    [Fact]
    public void Members_are_bounded()
    {
        var many = Enumerable.Range(0, TalkLimits.Members).Select(n => $"m{n}").ToList();
        New().When(Opening("a", many)).ThenRejected(ConversationRejection.TooManyMembers).When(Opening("a", [.. many.Skip(1)])).ThenAnswered(new Entered(1))
            .When(new ConversationCommand.Invite("a", "x")).ThenRejected(ConversationRejection.TooManyMembers);
    }

    [Fact]
    public void A_message_id_that_says_its_time_is_its_commands_and_no_other_senders()
    {
        var id = Ids.Derive(Conversation.Start, Guid.NewGuid(), 0).ToString("D");
        var command = MessageIds.CommandOf("default", "c1", "a", id);
        Assert.Equal(command, MessageIds.CommandOf("default", "c1", "a", id));
        Assert.Equal(Conversation.Start, Ids.TimeOf(command!.Value));
        Assert.Equal(4, new[] { command, MessageIds.CommandOf("default", "c1", "b", id), MessageIds.CommandOf("default", "c2", "a", id), MessageIds.CommandOf("other", "c1", "a", id) }.Distinct().Count());
        Assert.Null(MessageIds.CommandOf("default", "c1", "a", "7"));
        Assert.Null(MessageIds.CommandOf("default", "c1", "a", Guid.NewGuid().ToString("D")));
    }

    /// <summary>When it writes its first count.</summary>
    private static DateTimeOffset? Counts(ConversationState state) => DayCount.WrittenAt(state.Days[0].Day, state.Stream);

    private static Conversation New(Personal? topic = null) => Conversation.Of(StreamId.Parse("default/conversation/c1"));

    private static ConversationCommand Opening(string owner, IReadOnlyList<string> members) => new ConversationCommand.Open(owner, members, null, IsOpen: false, ConversationLimits.Default);

    private static Conversation Joined(params string[] agents) => Joined(ConversationLimits.Default, agents);

    private static Conversation Joined(ConversationLimits limits, params string[] agents)
    {
        var talk = New().When(new ConversationCommand.Open(agents[0], agents[1..], null, IsOpen: false, limits));
        foreach (var agent in agents[1..]) talk.When(new ConversationCommand.Join(agent));
        return talk;
    }

    private static ConversationCommand.Say Say(string from, string id, string? replyTo = null, int? ttl = null) => new(from, new(id, "application/json", 7, replyTo, TtlSeconds: ttl), Hello);

    private static ConversationEvent.Said Said(long number, string from, string id) => new(number, from, id, "application/json", 7) { Content = Hello };

    private static ConversationCommand.Say Ask(string from, string id, int seconds) => new(from, new(id, "application/json", 7, ReplyWithinSeconds: seconds), Hello);
}
