using System.Globalization;
using Agora.Core.Kernel;

namespace Agora.Core.Conversations;

/// <summary>Why a conversation refuses, in order of precedence.</summary>
public static class ConversationRejection
{
    public static Rejection NotFound { get; } = new(Codes.NotFound, "There is no such conversation, or the agent is no member of it.");

    public static Rejection Exists { get; } = new(Codes.IdempotencyConflict, "This key has opened a conversation before, longer ago than is remembered: GET /conversations names it.");

    public static Rejection Closed { get; } = new(Codes.ConversationClosed, "The conversation is closed: nothing more is said in it.");

    /// <summary>It subscribed, or was asked to take part and has not answered.</summary>
    public static Rejection MayNotSpeak { get; } = new(Codes.Forbidden, "A subscriber only reads: whoever owns the conversation can invite it.");

    /// <summary>One sentence for all that is refused so: who it is, and since when, is the other's own.</summary>
    public static Rejection Unwanted { get; } = new(Codes.Forbidden, "An agent that would be told this does not want to hear from this one.");

    public static Rejection Declined { get; } = new(Codes.Forbidden, $"The agent has declined {TalkLimits.Declines} invitations to this conversation: it is not invited again.");

    public static Rejection Blocks { get; } = new(Codes.Forbidden, "The agent has blocked one of those whom it would talk to: DELETE /agent/blocks/{agent_id} ends that.");

    public static Rejection HasLeft { get; } = new(Codes.ConversationClosed, "The agent from which something is wanted has left the conversation.");

    public static Rejection OwnerOnly { get; } = new(Codes.Forbidden, "Only the agent that opened the conversation may do this.");

    /// <summary>Nobody has joined yet.</summary>
    public static Rejection NotAccepted { get; } =
        new(Codes.NotAccepted, "Nobody whom it was said to has joined yet: more can be said when somebody does.", RetryAfterSeconds: 30, Retry: true);

    public static Rejection NoSuchRequest { get; } = new(Codes.NotFound, "No such request waits there for a reply of the agent: it can do nothing on its behalf.");

    public static Rejection Cycle { get; } = new Rejection(
        Codes.GrantExceeded, "An agent of the conversation stands on the path of those on whose behalf it is said: a request does not come back to them.").With("exceeded", "cycle");

    public static Rejection TooDeep { get; } = new Rejection(
        Codes.GrantExceeded, $"More than {TalkLimits.Path} agents would stand on the path of those on whose behalf it is said.").With("exceeded", "depth").AtMost("depth", TalkLimits.Path);

    public static Rejection TooManyMembers { get; } = Invalid("", "max_items", $"A conversation has {TalkLimits.Members} members at most.");

    public static Rejection TooManySubscribers { get; } = new(Codes.RateLimited, $"An open conversation has {TalkLimits.Subscribers} subscribers at most.", RetryAfterSeconds: 60, Retry: true);

    public static Rejection NobodyOffers(string skill) => new(Codes.Unavailable, $"No agent that offers {skill} is online, of those that may be asked.", RetryAfterSeconds: 10, Retry: true);

    public static Rejection IsMember { get; } = Invalid("/agent_id", "unique", "The agent takes part already.");

    public static Rejection TooLong(int most) => new(Codes.PayloadTooLarge, string.Create(CultureInfo.InvariantCulture, $"A message of this conversation has {most} bytes at most."));

    public static Rejection RequestWaits { get; } = Invalid("/message_id", "unique", "Another request under this id waits for its reply.");

    public static Rejection FromTheFuture(long last) =>
        Invalid("/number", "maximum", string.Create(CultureInfo.InvariantCulture, $"The newest entry is {last}: nothing behind it can have been received."));

    public static Rejection TooFast(int perMinute, int seconds) =>
        new(Codes.RateLimited, string.Create(CultureInfo.InvariantCulture, $"A member says {perMinute} messages a minute at most."), RetryAfterSeconds: Math.Max(1, seconds), Retry: true);

    /// <summary>Back-pressure: whoever is slow is waited for.</summary>
    public static Rejection TooManyWaiting(int most) => new(
        Codes.RateLimited, string.Create(CultureInfo.InvariantCulture, $"{most} messages of the conversation wait to be acknowledged: more can be said when some of them are."), RetryAfterSeconds: 1, Retry: true);

    public static Rejection TooManyRequests { get; } =
        new(Codes.RateLimited, $"{TalkLimits.Requests} requests of the conversation wait for a reply.", RetryAfterSeconds: 5, Retry: true);

    public static Rejection TooManyDead { get; } =
        new(Codes.RateLimited, $"The conversation has {TalkLimits.DeadLetters} dead letters: send them anew, or drop them, first.", RetryAfterSeconds: 60, Retry: true);

    /// <summary>A later life of the producer has spoken.</summary>
    public static Rejection StaleEpoch(long epoch) =>
        new Rejection(Codes.Forbidden, "A later epoch of this producer has appended: what an earlier one still sends is not taken.").WithRaw("producer_epoch", epoch.ToString(CultureInfo.InvariantCulture));

    public static Rejection EpochBegins { get; } = Invalid("Producer-Seq", "const", "An epoch of a producer begins with 0.");

    public static Rejection Gap(long expected, long received) =>
        new Rejection(Codes.IdempotencyConflict, "What this producer appended before has not come: it is sent first.")
            .WithRaw("expected_seq", expected.ToString(CultureInfo.InvariantCulture)).WithRaw("received_seq", received.ToString(CultureInfo.InvariantCulture));

    public static Rejection OutOfOrder { get; } = new(Codes.IdempotencyConflict, "Stream-Seq does not sort behind the one that this writer appended last.");

    public static Rejection TooManyProducers { get; } = Invalid("Producer-Id", "max_items", $"A conversation knows {TalkLimits.Producers} producers at most: a producer that begins anew keeps its id, and takes another epoch.");

    public static Rejection TooManyAtOnce { get; } = new(Codes.PayloadTooLarge, $"{TalkLimits.AppendedAtOnce} messages are appended at once at most.");

    public static Rejection NoSuchLetter { get; } = new(Codes.NotFound, "There is no such dead letter.");

    /// <summary>Of a message whose id says when it was made. Null: it can be told from a repeat.</summary>
    public static Rejection? Untimely(DateTimeOffset made, DateTimeOffset now) => now - made > TalkLimits.RepeatedWithin ? Forgotten : made - now > TalkLimits.MadeAhead ? Ahead : null;

    private static Rejection Forgotten { get; } =
        new(Codes.IdempotencyConflict, "The id was made more than 2 minutes ago, and it is not remembered whether that message was said. Read the conversation; what is missing is said under a new id.");

    private static Rejection Ahead { get; } = Invalid("/message_id", "maximum", "The id was made more than 60 seconds from now: mend the clock, or take an id that says no time.");

    private static Rejection Invalid(string path, string keyword, string message) => new(Codes.ValidationFailed, message, [new(path, keyword, message)]);
}
