using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Conversation = Agora.Core.Tests.Kernel.Scenario<Agora.Core.Conversations.ConversationState, Agora.Core.Conversations.ConversationCommand, Agora.Core.Conversations.ConversationEvent>;

namespace Agora.Core.Tests.Conversations;

/// <summary>What writers of a stream append.</summary>
public sealed class AppendTests
{
    private static readonly Personal Hello = Personal.Of("hello");

    [Fact]
    public void A_stream_begins_with_all_that_is_put_or_not_at_all()
    {
        var stream = New().When(Opening(new("m", "text/plain", [Hello, Hello], Closes: true))).ThenAnswered(new Entered(1));
        stream.Then(new ConversationEvent.Opened("a", [], false, ConversationLimits.Default, ContentType: "text/plain"), Said(2, "m") with { Along = true }, Said(3, "m.1") with { Along = true }, new ConversationEvent.Closed(4, "a", Along: true))
            .ThenState(state => Assert.Equal(("text/plain", 4L), (state.ContentType, state.Last)));
        New().When(Opening(new("m", "text/plain", [new(new byte[TalkLimits.MessageBytes + 1])]))).ThenRejected(ConversationRejection.TooLong(TalkLimits.MessageBytes));
        New().When(Opening(new("m", "text/plain", [.. Enumerable.Repeat(Hello, TalkLimits.AppendedAtOnce + 1)]))).ThenRejected(ConversationRejection.TooManyAtOnce);
        New().When(new ConversationCommand.Open("a", ["b"], null, false, ConversationLimits.Default, First: new("m", "text/plain", [Hello, Hello]))).ThenRejected(ConversationRejection.NotAccepted);
    }

    [Fact]
    public void What_is_appended_at_once_is_one_decision_and_counts_as_so_many_messages()
    {
        Stream().When(Append(3)).ThenAnswered(new Entered(4)).Then(Said(2, "m") with { Along = true }, Said(3, "m.1") with { Along = true }, Said(4, "m.2"));
        Stream().When(Append(2, closes: true)).ThenAnswered(new Entered(4)).Then(Said(2, "m") with { Along = true }, Said(3, "m.1") with { Along = true }, new ConversationEvent.Closed(4, "a"));
        Stream().When(Append(TalkLimits.AppendedAtOnce + 1)).ThenRejected(ConversationRejection.TooManyAtOnce);
        Stream(ConversationLimits.Default with { MessagesPerMinute = 3 }).When(Append(2)).When(Append(2)).ThenRejected(ConversationRejection.TooFast(3, 60)).When(Append(1)).ThenAnswered(new Entered(4));
        Stream(ConversationLimits.Default with { MessageBytes = 3 }).When(Append(1)).ThenRejected(ConversationRejection.TooLong(3));
        Joined(ConversationLimits.Default with { Unacknowledged = 2 }).When(Append(3)).ThenRejected(ConversationRejection.TooManyWaiting(2)).When(Append(2)).ThenAnswered(new Entered(4));
    }

    [Fact]
    public void A_producer_is_heard_once_and_in_its_order()
    {
        var stream = Stream().When(Append(1, new("p", 0, 1))).ThenRejected(ConversationRejection.Gap(0, 1))
            .When(Append(1, new("p", 0, 0))).ThenAnswered(new Entered(2)).Then(Said(2, "m") with { Producer = new("p", 0, 0) })
            .When(Append(1, new("p", 0, 0))).ThenAnswered(new Repeated(2, 0, false)).Then()
            .When(Append(2, new("p", 0, 1))).ThenAnswered(new Entered(4))
            .When(Append(1, new("p", 0, 0))).ThenAnswered(new Repeated(4, 1, false))
            .When(Append(1, new("p", 0, 3))).ThenRejected(ConversationRejection.Gap(2, 3));
        stream.When(Append(1, new("p", 2, 1))).ThenRejected(ConversationRejection.EpochBegins)
            .When(Append(1, new("p", 2, 0))).ThenAnswered(new Entered(5))
            .When(Append(1, new("p", 1, 0))).ThenRejected(ConversationRejection.StaleEpoch(2))
            .When(Append(1, new("q", 0, 0))).ThenAnswered(new Entered(6));
    }

    [Fact]
    public void Producers_of_two_agents_do_not_fence_each_other()
    {
        var both = Joined().When(Append(1, new("p", 5, 0))).ThenAnswered(new Entered(3));
        both.When(new ConversationCommand.Append("b", new("m", "text/plain", [Hello], Producer: new("p", 0, 0)))).ThenAnswered(new Entered(4));
    }

    [Fact]
    public void A_stream_knows_so_many_producers_at_most_TooManyProducers()
    {
        var stream = Stream();
        for (var number = 0; number < TalkLimits.Producers; number++) stream.When(Append(1, new($"p{number}", 0, 0)));
        stream.When(Append(1, new("another", 0, 0))).ThenRejected(ConversationRejection.TooManyProducers).When(Append(1, new("p0", 0, 1))).ThenAnswered(new Entered(TalkLimits.Producers + 2));
    }

    [Fact]
    public void A_writers_own_order_rises_OutOfOrder() => Stream().When(Append(1, order: "09")).ThenAnswered(new Entered(2)).When(Append(1, order: "10")).ThenAnswered(new Entered(3))
        .When(Append(1, order: "10")).ThenRejected(ConversationRejection.OutOfOrder).When(Append(1, order: "0a")).ThenRejected(ConversationRejection.OutOfOrder)
        .When(Append(1)).ThenAnswered(new Entered(4)).When(Append(1, order: "a")).ThenAnswered(new Entered(5));

    [Fact]
    public void Who_closed_it_may_say_so_again_and_nobody_else()
    {
        var closed = Stream().When(Append(1, new("p", 0, 0), closes: true)).ThenAnswered(new Entered(3)).Then(Said(2, "m") with { Along = true }, new ConversationEvent.Closed(3, "a", Producer: new("p", 0, 0)));
        closed.When(Append(1, new("p", 0, 0), closes: true)).ThenAnswered(new Repeated(3, 0, true))
            .When(Append(1, new("p", 0, 1), closes: true)).ThenRejected(ConversationRejection.Closed)
            .When(Append(0, new("q", 0, 0), closes: true)).ThenRejected(ConversationRejection.Closed)
            .When(Append(0, closes: true)).ThenAnswered(new Repeated(3, null, true))
            .When(Append(1)).ThenRejected(ConversationRejection.Closed);
        Joined().When(new ConversationCommand.Append("b", new("m", "text/plain", [Hello], Closes: true))).ThenRejected(ConversationRejection.OwnerOnly);
    }

    [Fact]
    public void It_is_said_as_a_message_is()
    {
        New().When(new ConversationCommand.Open("a", ["b"], null, false, ConversationLimits.Default)).When(Append(2)).ThenRejected(ConversationRejection.NotAccepted).When(Append(1)).ThenAnswered(new Entered(2))
            .When(new ConversationCommand.Append("b", new("m", "text/plain", [Hello]))).ThenAnswered(new Entered(4)).Then(new ConversationEvent.Joined(3, "b", Along: true), Said(4, "m") with { From = "b" })
            .When(new ConversationCommand.Append("x", new("m", "text/plain", [Hello]))).ThenRejected(ConversationRejection.NotFound)
            .When(new ConversationCommand.Block("b", "a")).When(Append(1)).ThenRejected(ConversationRejection.Unwanted);
        New().When(new ConversationCommand.Open("a", [], null, true, ConversationLimits.Default)).When(new ConversationCommand.Join("s"))
            .When(new ConversationCommand.Append("s", new("m", "text/plain", [Hello]))).ThenRejected(ConversationRejection.MayNotSpeak);
    }

    private static Conversation New() => Conversation.Of(StreamId.Parse("default/conversation/c1"));

    private static Conversation Stream(ConversationLimits? limits = null) => New().When(new ConversationCommand.Open("a", [], null, false, limits ?? ConversationLimits.Default, ContentType: "text/plain"));

    private static Conversation Joined(ConversationLimits? limits = null) => New().When(new ConversationCommand.Open("a", ["b"], null, false, limits ?? ConversationLimits.Default)).When(new ConversationCommand.Join("b"));

    private static ConversationCommand Opening(Appending first) => new ConversationCommand.Open("a", [], null, false, ConversationLimits.Default, ContentType: "text/plain", First: first);

    private static ConversationCommand Append(int messages, ProducerMark? producer = null, string? order = null, bool closes = false) =>
        new ConversationCommand.Append("a", new("m", "text/plain", [.. Enumerable.Repeat(Hello, messages)], closes, order, producer));

    private static ConversationEvent.Said Said(long number, string id) => new(number, "a", id, "text/plain", Hello.Utf8.Length) { Content = Hello };
}
