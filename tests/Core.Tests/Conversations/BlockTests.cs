using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Conversation = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Conversations.ConversationState, Agora.Core.Conversations.ConversationCommand, Agora.Core.Conversations.ConversationEvent>;

namespace Agora.Core.Tests.Conversations;

/// <summary>What a member wants to hear nothing of.</summary>
public sealed class BlockTests
{
    private static readonly Personal Hello = Personal.Of("hello");

    [Fact]
    public void Where_two_are_alone_whoever_is_blocked_says_nothing_Unwanted()
    {
        var talk = Joined("a", "b").When(Say("b", "m1")).When(new ConversationCommand.Block("a", "b")).Then(new ConversationEvent.Blocked("a", "b"))
            .When(new ConversationCommand.Block("a", "b")).Then()
            .When(Say("b", "m2")).ThenRejected(ConversationRejection.Unwanted)
            .When(Say("a", "m3")).ThenAnswered(new Entered(4));
        talk.When(new ConversationCommand.Unblock("a", "b")).Then(new ConversationEvent.Unblocked("a", "b")).When(Say("b", "m4")).ThenAnswered(new Entered(5));
    }

    [Fact]
    public void Among_many_it_is_heard_by_the_others_and_who_blocked_it_keeps_it_waiting_no_more()
    {
        var talk = Joined("a", "b", "c").When(new ConversationCommand.Block("a", "b")).When(Say("b", "m1")).ThenAnswered(new Entered(4));
        talk.ThenState(state => Assert.Equal(["c"], state.AwaitedFrom(state.Waiting[4]))).Then(new ConversationEvent.Said(4, "b", "m1", "text/plain", Hello.Utf8.Length, Unheard: ["a"]) { Content = Hello });
        talk.When(new ConversationCommand.Acknowledge("c", 4)).ThenState(state => Assert.Empty(state.Waiting));
        talk.When(new ConversationCommand.Leave("c")).When(Say("b", "m2")).ThenRejected(ConversationRejection.Unwanted);
    }

    [Fact]
    public void Who_blocks_its_inviter_or_whom_it_invites_is_not_brought_together_with_it()
    {
        New().When(Opening("a", ["b", "c"], new Block("c", "a"))).ThenRejected(ConversationRejection.Unwanted).When(Opening("a", ["b", "c"], new Block("a", "b"))).ThenRejected(ConversationRejection.Blocks);
        var talk = New().When(Opening("a", ["b", "c"], new Block("b", "c"), new Block("b", "x"))).ThenState(state => Assert.Equal(new Block("b", "c"), Assert.Single(state.Blocks)));
        talk.When(new ConversationCommand.Invite("a", "d", [new Block("d", "a")])).ThenRejected(ConversationRejection.Unwanted)
            .When(new ConversationCommand.Invite("a", "d", [new Block("a", "d")])).ThenRejected(ConversationRejection.Blocks)
            .When(new ConversationCommand.Invite("a", "d", [new Block("d", "c")])).ThenState(state => Assert.True(state.IsBlocked("d", "c")))
            .When(new ConversationCommand.Block("x", "a")).ThenRejected(ConversationRejection.NotFound)
            .When(new ConversationCommand.Unblock("x", "a")).Then();
    }

    [Fact]
    public void A_reply_of_whom_the_asker_blocks_does_not_answer_its_request()
    {
        var talk = Joined("a", "b", "c").When(new ConversationCommand.Say("a", new("q", "text/plain", Hello.Utf8.Length, ReplyWithinSeconds: 60), Hello)).When(new ConversationCommand.Block("a", "b"));
        talk.When(new ConversationCommand.Say("b", new("r1", "text/plain", Hello.Utf8.Length, "q"), Hello)).ThenState(state => Assert.Single(state.Requests))
            .When(new ConversationCommand.Say("c", new("r2", "text/plain", Hello.Utf8.Length, "q"), Hello)).ThenState(state => Assert.Empty(state.Requests));
    }

    [Fact]
    public void Who_asks_one_member_alone_is_told_its_answer_whomever_it_blocks_meanwhile_and_nobody_else_hears_the_request()
    {
        var talk = Joined("a", "b", "c").When(Asking("a", "q", to: "b")).ThenState(state => Assert.Equal(["b"], state.AwaitedFrom(state.Waiting[4]))).When(new ConversationCommand.Block("a", "b"));
        talk.When(new ConversationCommand.Say("c", new("r1", "text/plain", Hello.Utf8.Length, "q"), Hello)).ThenState(state => Assert.Single(state.Requests))
            .When(new ConversationCommand.Say("b", new("r2", "text/plain", Hello.Utf8.Length, "q"), Hello)).ThenState(state => Assert.Empty(state.Requests)).Then(new ConversationEvent.Said(6, "b", "r2", "text/plain", Hello.Utf8.Length, "q") { Content = Hello });
        talk.When(new ConversationCommand.Say("b", new("r3", "text/plain", Hello.Utf8.Length, "q"), Hello)).Then(new ConversationEvent.Said(7, "b", "r3", "text/plain", Hello.Utf8.Length, "q", Unheard: ["a"]) { Content = Hello });
    }

    [Fact]
    public void Nothing_is_wanted_of_a_member_that_has_left_HasLeft_or_that_the_sender_has_blocked_Blocks()
    {
        Joined("a", "b").When(new ConversationCommand.Leave("b")).When(Asking("a", "q", to: "b")).ThenRejected(ConversationRejection.HasLeft);
        Joined("a", "b").When(new ConversationCommand.Block("a", "b")).When(Asking("a", "q", to: "b")).ThenRejected(ConversationRejection.Blocks);
        Joined("a", "b").When(new ConversationCommand.Block("b", "a")).When(Asking("a", "q", to: "b")).ThenRejected(ConversationRejection.Unwanted);
    }

    private static ConversationCommand.Say Asking(string from, string id, string to) => new(from, new(id, "text/plain", Hello.Utf8.Length, ReplyWithinSeconds: 60, To: to), Hello);

    [Fact]
    public void Who_declined_often_is_not_invited_again_Declined()
    {
        var talk = New().When(Opening("a", ["b"]));
        for (var times = 0; times < TalkLimits.Declines; times++)
        {
            talk.When(new ConversationCommand.Leave("b"));
            if (times < TalkLimits.Declines - 1)
            {
                talk.When(new ConversationCommand.Invite("a", "b")).ThenEvents(typeof(ConversationEvent.Invited));
            }
        }

        talk.When(new ConversationCommand.Invite("a", "b")).ThenRejected(ConversationRejection.Declined);
    }

    private static Conversation New() => Conversation.Of(StreamId.Parse("default/conversation/c1"));

    private static Conversation Joined(params string[] agents)
    {
        var talk = New().When(Opening(agents[0], agents[1..]));
        foreach (var agent in agents[1..]) talk.When(new ConversationCommand.Join(agent));
        return talk;
    }

    private static ConversationCommand Opening(string owner, string[] others, params Block[] blocks) => new ConversationCommand.Open(owner, others, null, false, ConversationLimits.Default, Blocks: blocks);

    private static ConversationCommand Say(string from, string id) => new ConversationCommand.Say(from, new(id, "text/plain", Hello.Utf8.Length), Hello);
}
