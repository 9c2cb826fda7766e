using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Application.Conversations;

/// <summary>A conversation that is asked for.</summary>
internal sealed record OpenRequest(IReadOnlyList<string> Participants, string? Topic, bool IsOpen, ConversationLimits Limits)
{
    public static OpenRequest Read(Call call)
    {
        var body = call.Body;
        var request = new OpenRequest(
            body.Ids("participants", "Agents that are invited; each hears the invitation and one message, and speaks once it joins. skill:ID: one agent that is online and offers that skill, which stays this conversation's.", TalkLimits.Members - 1) ?? [],
            body.Text("topic", "What it is about, for people.", Core.Kernel.Limits.NameLength, required: false),
            body.Flag("open", "Any agent may subscribe to it, and read.", absent: false) ?? false,
            ReadLimits(body.Object("limits", "Bounds of this conversation.", required: false)));
        for (var i = 0; i < request.Participants.Count; i++)
        {
            if (IsSkill(request.Participants[i]) && !DisplayText.IsId(request.Participants[i].AsSpan(ServiceDefinition.SkillScheme.Length)))
            {
                call.Findings.Violate(string.Create(CultureInfo.InvariantCulture, $"/participants/{i}"), "pattern", "skill: is followed by the id of a skill.");
            }
        }

        return request;
    }

    /// <summary>Of the participants, the agents.</summary>
    public IReadOnlyList<string> Named => [.. Participants.Where(one => !IsSkill(one))];

    /// <summary>Of the participants, the skills for each of which an agent is chosen.</summary>
    public IEnumerable<string> Skills => Participants.Where(IsSkill).Select(one => one[ServiceDefinition.SkillScheme.Length..]);

    private static bool IsSkill(string participant) => participant.StartsWith(ServiceDefinition.SkillScheme, StringComparison.Ordinal);

    private static ConversationLimits ReadLimits(Fields? limits)
    {
        var none = ConversationLimits.Default;
        if (limits is null) return none;

        var read = new ConversationLimits(
            limits.Integer("messages_per_minute", "Of each member.", 1, TalkLimits.MessagesPerMinute, none.MessagesPerMinute) ?? none.MessagesPerMinute,
            limits.Integer("unacknowledged", "Messages that wait for some member, before more is refused.", 1, TalkLimits.Unacknowledged, none.Unacknowledged) ?? none.Unacknowledged,
            limits.Integer("message_bytes", "Of one message's content, as JSON.", 1, TalkLimits.MessageBytes, none.MessageBytes) ?? none.MessageBytes,
            limits.Integer("ttl_seconds", "After which a message that somebody has not acknowledged is a dead letter.", TalkLimits.TtlSecondsLeast, TalkLimits.TtlSeconds, none.TtlSeconds) ?? none.TtlSeconds,
            limits.Integer("retention_seconds", "From its close until what was said is erased.", 0, TalkLimits.RetentionSeconds, none.RetentionSeconds) ?? none.RetentionSeconds);
        limits.Finish();
        return read;
    }
}

/// <summary>Something that is said in a conversation.</summary>
/// <param name="MessageId">Null: none was given.</param>
internal sealed record SayRequest(string ConversationId, string? MessageId, JsonElement? Content, string ContentType, string? ReplyTo, int? ReplyWithinSeconds, int? TtlSeconds, bool More = false, OnBehalf? OnBehalfOf = null)
{
    private const string Pattern = "^[!-~]{1,128}$";
    private const string TypePattern = "^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$";

    public static SayRequest Read(Call call)
    {
        var (id, body) = (call.Id("conversation_id"), call.Body);
        return new(
            id,
            MessageIdOf(body, "message_id", "The sender's own name of the message; a repeat under it is the same message. A UUIDv7 is remembered for 2 minutes and refused later; any other id for 2 days. Absent: one is made."),
            body.Any("content", "What is said: any JSON value.", required: true),
            body.Formatted("content_type", "The media type of the content; absent: application/json.", TalkLimits.ContentTypeLength, IsMediaType, "A media type is wanted here, such as text/plain.", required: false, pattern: TypePattern) ?? "application/json",
            MessageIdOf(body, "reply_to", "The message that it replies to."),
            body.Integer("reply_within_seconds", "It is a request: its sender is told when there is no reply by then.", 1, TalkLimits.ReplySeconds, absent: null),
            body.Integer("ttl_seconds", "After which it is a dead letter, where that is sooner than the conversation says.", TalkLimits.TtlSecondsLeast, TalkLimits.TtlSeconds, absent: null),
            MoreOf(body),
            BehalfOf(body));
    }

    private static OnBehalf? BehalfOf(Fields body)
    {
        var request = OnBehalf.Read(body.Object("on_behalf_of", "Of a request: the one that the agent was asked and serves by this. Those who asked travel along, and it does not come back to them.", required: false));
        if (request is not null && !body.IsPresent("reply_within_seconds"))
        {
            body.Violate("on_behalf_of", "not", "Only a request is made on behalf of another: reply_within_seconds says that it is one.");
        }

        return request;
    }

    private static bool MoreOf(Fields body)
    {
        var more = body.Flag("more", "It is a part of a reply: the request stays open until a reply without this, or its deadline.", absent: false) ?? false;
        if (more && !body.IsPresent("reply_to"))
        {
            body.Violate("more", "not", "Only a reply comes in parts: reply_to says to which request.");
        }

        return more;
    }

    /// <summary>Of what makes it the same message, by whichever door it comes.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{ContentType}\n{ReplyTo}\n{ReplyWithinSeconds}\n{TtlSeconds}\n{(More ? "more\n" : "")}{OnBehalfOf}")));
        hash.AppendData(StrictJson.Raw(Content!.Value));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public static string? MessageIdOf(Fields body, string name, string meaning, bool required = false) =>
        body.Formatted(name, meaning, TalkLimits.MessageIdLength, IsMessageId, "1 to 128 visible ASCII characters are wanted here.", required: required, pattern: Pattern);

    private static bool IsMessageId(string id) => id.Length > 0 && !id.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static bool IsMediaType(string type) => System.Text.RegularExpressions.Regex.IsMatch(type, TypePattern);
}

/// <summary>A request that waits for a reply of the agent that names it.</summary>
internal sealed record OnBehalf(string ConversationId, string MessageId)
{
    public static OnBehalf? Read(Fields? named)
    {
        if (named is null) return null;

        var read = new OnBehalf(named.Id("conversation_id", "Where it was asked.") ?? "", SayRequest.MessageIdOf(named, "message_id", "Of the request.", required: true) ?? "");
        named.Finish();
        return read;
    }
}

internal sealed record InviteRequest(string ConversationId, string? AgentId)
{
    public static InviteRequest Read(Call call) => new(call.Id("conversation_id"), call.Body.Id("agent_id", "The agent that is invited."));
}

internal sealed record AcknowledgeRequest(string ConversationId, int Number)
{
    public static AcknowledgeRequest Read(Call call) =>
        new(call.Id("conversation_id"), call.Body.Integer("number", "Up to which everything was received.", 0, int.MaxValue, absent: null, required: true) ?? 0);
}

internal sealed record LetterRequest(string ConversationId, string Number)
{
    public static LetterRequest Read(Call call) => new(call.Id("conversation_id"), call.Id("number"));

    /// <summary>Null: no letter has such a number.</summary>
    public long? Letter => long.TryParse(Number, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
}

/// <summary>Entries that are asked for.</summary>
/// <param name="After">Null: from the first on.</param>
internal sealed record EntriesRequest(string ConversationId, string? After, int Limit)
{
    public static EntriesRequest Read(Call call) => new(
        call.Id("conversation_id"),
        call.Query.Text("after", "Where to go on: next_cursor of the reply before; absent: from the first entry.", Limits.CursorLength),
        call.Query.Limit());
}

/// <summary>Entries of an inbox that are asked for.</summary>
/// <param name="After">The cursor to continue from. Null to begin with the first entry.</param>
/// <param name="Wait">How long to wait for an entry.</param>
internal sealed record InboxRequest(string? After, int Limit, TimeSpan Wait)
{
    public const string Now = "now";

    public static InboxRequest Read(Call call) => new(
        call.Query.Text("after", "Where to go on: next_cursor of the reply before; now: what is told from now on; absent: from the first entry.", Limits.CursorLength),
        call.Query.Limit(),
        TimeSpan.FromSeconds(call.Query.Seconds("wait_seconds", "How long to wait for something that is told; 0: not at all.", TalkLimits.WaitSeconds)));
}
