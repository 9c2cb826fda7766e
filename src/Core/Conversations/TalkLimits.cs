using Agora.Core.Kernel;

namespace Agora.Core.Conversations;

/// <summary>Bounds of what agents say to each other.</summary>
public static class TalkLimits
{
    /// <summary>Of one message: its content as JSON.</summary>
    public const int MessageBytes = 64 * 1024;

    /// <summary>Of a message's id, which its sender chooses.</summary>
    public const int MessageIdLength = 128;

    public const int ContentTypeLength = 128;

    /// <summary>Messages that are appended to a stream at once.</summary>
    public const int AppendedAtOnce = 256;

    /// <summary>Producers that one conversation knows, for as long as it is there.</summary>
    public const int Producers = 256;

    public const int ProducerIdLength = 128;

    /// <summary>Of a writer's own place in a stream.</summary>
    public const int OrderLength = 128;

    /// <summary>Of one writer of a stream in a minute.</summary>
    public const int AppendedPerMinute = 60_000;

    /// <summary>So long a reader of a stream waits for more, and so long one is told of it on one connection: both are short, as readers come again at no cost.</summary>
    public static readonly TimeSpan StreamWait = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan StreamTail = TimeSpan.FromSeconds(60);

    /// <summary>Readers of streams that wait, of one agent and of all.</summary>
    public const int StreamReaders = 64;
    public const int StreamReadersOfAll = 10_000;

    /// <summary>Agents that speak in one conversation, and those that left.</summary>
    public const int Members = 64;

    /// <summary>Agents that subscribed to an open one.</summary>
    public const int Subscribers = 10_000;

    /// <summary>What may be said as long as nobody who was invited has joined.</summary>
    public const int SaidToStrangers = 1;

    /// <summary>Who declined so often is not invited to the conversation again.</summary>
    public const int Declines = 3;

    /// <summary>Of one member in a minute.</summary>
    public const int MessagesPerMinute = 1_000_000;
    public const int MessagesPerMinuteDefault = 600;

    /// <summary>Messages of one conversation that somebody has not acknowledged: each is remembered until then.</summary>
    public const int Unacknowledged = 10_000;
    public const int UnacknowledgedDefault = 1_000;

    public const int TtlSecondsLeast = 1;
    public const int TtlSeconds = 30 * 86_400;
    public const int TtlSecondsDefault = 7 * 86_400;

    /// <summary>A request wants its reply within this.</summary>
    public const int ReplySeconds = 86_400;

    public const int RetentionSeconds = 366 * 86_400;
    public const int RetentionSecondsDefault = 30 * 86_400;

    /// <summary>Requests of one conversation that wait for their reply.</summary>
    public const int Requests = 1_000;

    /// <summary>Agents on whose behalf something is said, one on that of the other: as many as sessions stand on a path.</summary>
    public const int Path = Limits.TreeDepth;

    /// <summary>Agents that are asked for one run of a skill, one after the other.</summary>
    public const int AskedInTurn = 3;

    /// <summary>Skills of which a process remembers whose turn it is; with one more it begins anew.</summary>
    public const int SkillsKnown = 10_000;

    /// <summary>Dead letters that one conversation keeps: with so many nothing more is said in it.</summary>
    public const int DeadLetters = 1_000;

    /// <summary>The time after midnight UTC within which conversations write their counts of the day before. A count is written once per conversation and day.</summary>
    public static readonly TimeSpan CountedWithin = TimeSpan.FromMinutes(15);

    /// <summary>Day counts that one decision writes; the others follow with the next.</summary>
    public const int CountedAtOnce = 256;

    /// <summary>Messages that die in one decision; the others follow with the next.</summary>
    public const int DieAtOnce = 256;

    /// <summary>Entries that a process keeps of an agent for which somebody listens, so that they are read once for all.</summary>
    public const int RecentEntries = 256;

    /// <summary>Of those that somebody has gone on behind so many: for whoever else listens, or asks once more.</summary>
    public const int RecentRead = 32;

    /// <summary>Bytes of entries that a process keeps of an agent, and of all agents.</summary>
    public const long RecentBytes = 256 * 1024;
    public const long RecentBytesOfAll = 64L << 20;

    /// <summary>Rows of its conversations that are read at once for an agent that is further behind, and how often for one page on which nobody waits.</summary>
    public const int LookRows = 256;
    public const int Looks = 16;

    /// <summary>So long a process keeps them when nobody listens any more: who polls comes again.</summary>
    public static readonly TimeSpan RecentKept = TimeSpan.FromSeconds(60);

    /// <summary>Who listens for one agent at once in a process, and for all.</summary>
    public const int Listeners = 64;
    public const int ListenersOfAll = 120_000;

    /// <summary>Conversations that one agent takes part in and hears at once: those in which its standing changed last.</summary>
    public const int Heard = 1_000;

    /// <summary>Of those to which it is invited and of those that it left so many are heard beside them, and as many more as it takes part in fewer; invitations first.</summary>
    public const int HeardInvitations = 256;

    /// <summary>Conversations that a process remembers to be there; with one more it begins anew.</summary>
    public const int Found = 50_000;

    /// <summary>So long a request waits for something that is said.</summary>
    public const int WaitSeconds = 30;

    /// <summary>An event stream ends after this, and its reader comes again: whatever was taken from it counts by then at the latest.</summary>
    public static readonly TimeSpan StreamFor = TimeSpan.FromMinutes(5);

    /// <summary>Where nothing is told for so long, a sign of life is sent.</summary>
    public static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);

    /// <summary>Entries that a WebSocket's client may have asked for and not been sent.</summary>
    public const int Credits = 10_000;

    /// <summary>What a client sends over a WebSocket in one message: a body, and what says where it goes.</summary>
    public const int FrameBytes = Limits.BodyBytes + 1_024;

    /// <summary>A frame of entries ends behind the one with which it has so many bytes of content.</summary>
    public const int ToldBytes = 256 * 1024;

    /// <summary>What is said and acknowledged over one WebSocket and not answered yet; as long as there is so much, no more of it is read.</summary>
    public const int SaidAtOnce = 256;

    /// <summary>Each WebSocket is pinged so often; whose pong does not come so soon after is cut off.</summary>
    public static readonly TimeSpan PingEvery = TimeSpan.FromSeconds(15);
    public static readonly TimeSpan PongWithin = TimeSpan.FromSeconds(15);

    /// <summary>A message that has begun to come over a WebSocket is whole within this.</summary>
    public static readonly TimeSpan FrameWithin = TimeSpan.FromSeconds(30);

    /// <summary>So often it is looked whether the credential of a WebSocket still opens anything.</summary>
    public static readonly TimeSpan CredentialEvery = TimeSpan.FromSeconds(3);

    /// <summary>A WebSocket that is told to close is cut off after this.</summary>
    public static readonly TimeSpan CloseWithin = TimeSpan.FromSeconds(5);

    /// <summary>So long a message without an idempotency key of the journal's may be repeated under its id, which then is a UUIDv7 of this age at most.</summary>
    public static readonly TimeSpan RepeatedWithin = Limits.OutcomeKept;

    /// <summary>By so much the clock of whoever made such an id may be ahead.</summary>
    public static readonly TimeSpan MadeAhead = TimeSpan.FromSeconds(60);
}
