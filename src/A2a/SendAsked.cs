using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Agora.Application.Operations;
using Agora.Application.Values;
using Agora.Core.Conversations;

namespace Agora.A2a;

/// <summary>
/// A message to an agent: SendMessageRequest (section 3.2.1 of the specification). In the conversation it stands as such a request too, with the ids of its task, so that the agent reads what was sent.
/// </summary>
/// <param name="TaskId">Null: it begins one.</param>
/// <param name="PushWanted">It asks for what is not had.</param>
/// <param name="ReplySeconds">Within which the agent has to say something.</param>
internal sealed record SendAsked(string AgentId, JsonElement Request, string MessageId, string? TaskId, string? ContextId, int? History, bool ReturnsAtOnce, bool PushWanted, int ReplySeconds)
{
    /// <summary>The content type of what is said by the protocol.</summary>
    public const string ContentType = "application/a2a+json";

    private static readonly JsonElement Nothing = JsonElement.Parse("{}");

    /// <param name="asked">Null: nothing was sent.</param>
    public static SendAsked Read(string agentId, JsonElement? asked, Findings findings)
    {
        var request = asked is { ValueKind: JsonValueKind.Object } sent ? sent.Clone() : Nothing;
        if (Parts.Member(request, "message") is not { ValueKind: JsonValueKind.Object } message)
        {
            findings.Violate("/message", "", "This member is required.");
            message = Nothing;
        }
        else
        {
            Check(message, findings);
        }

        Parts.CheckObject(request, "metadata", "", findings);
        Parts.CheckObject(request, "configuration", "", findings);
        var settings = Parts.Member(request, "configuration") is { ValueKind: JsonValueKind.Object } given ? given : Nothing;
        var configuration = Given.Of(settings, findings);
        Parts.CheckNames(settings, "acceptedOutputModes", "/configuration", findings);
        return new(
            agentId,
            request,
            Parts.Id(message, "messageId") ?? "",
            Parts.Id(message, "taskId"),
            Parts.Id(message, "contextId"),
            configuration.Integer("historyLength", 0, int.MaxValue),
            configuration.Flag("returnImmediately"),
            Parts.Member(settings, "taskPushNotificationConfig") is not null,
            SecondsOf(message, findings));
    }

    /// <summary>As it stands in the conversation.</summary>
    public JsonElement Content(string taskId, string contextId)
    {
        var (buffer, message) = (new ArrayBufferWriter<byte>(), Request.GetProperty("message"));
        using (var writer = new Utf8JsonWriter(buffer, ApiJson.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("message");
            writer.WriteString("messageId", MessageId);
            writer.WriteString("contextId", contextId);
            writer.WriteString("taskId", taskId);
            writer.WriteString("role", TaskStory.User);
            Parts.Write(writer, message.GetProperty("parts"));
            Parts.Copy(writer, message, "metadata", "extensions", "referenceTaskIds");
            writer.WriteEndObject();
            if (Parts.Member(Request, "configuration") is { } settings && Parts.Member(settings, "acceptedOutputModes") is not null)
            {
                writer.WriteStartObject("configuration");
                Parts.Copy(writer, settings, "acceptedOutputModes");
                writer.WriteEndObject();
            }

            Parts.Copy(writer, Request, "metadata");
            writer.WriteEndObject();
        }

        return JsonElement.Parse(buffer.WrittenSpan);
    }

    private static void Check(JsonElement message, Findings findings)
    {
        if (Parts.Id(message, "messageId") is null)
        {
            Wrong("messageId", "A message has an id of its sender's, 1 to 128 visible ASCII characters: sent again under it, it is the same message.");
        }

        foreach (var name in (string[])["taskId", "contextId"])
        {
            if (Parts.Member(message, name) is { } id && !(id.ValueKind == JsonValueKind.String && id.GetString()!.Length == 0) && Parts.Id(message, name) is null)
            {
                Wrong(name, "1 to 128 visible ASCII characters are wanted here.");
            }
        }

        if (!(Parts.Member(message, "role") is { } role && (role.ValueKind == JsonValueKind.String ? role.ValueEquals(TaskStory.User) : role.ValueKind == JsonValueKind.Number && role.TryGetInt32(out var number) && number == 1)))
        {
            Wrong("role", "Whoever sends a message is ROLE_USER.");
        }

        Parts.Check(message, "/message", findings);
        Parts.CheckNames(message, "referenceTaskIds", "/message", findings);

        void Wrong(string name, string why) => findings.Violate($"/message/{name}", "", why);
    }

    private static int SecondsOf(JsonElement message, Findings findings)
    {
        var own = Parts.Member(message, "metadata") is { } metadata ? Parts.Member(metadata, Sequence.Uri) : null;
        if (own is null || Parts.Member(own.Value, Sequence.ReplyWithin) is not { } seconds) return A2aLimits.ReplySeconds;
        if (seconds.ValueKind == JsonValueKind.Number && seconds.TryGetInt32(out var number) && number is >= 1 and <= A2aLimits.ReplySeconds)
        {
            return number;
        }

        findings.Violate($"/message/metadata/{Sequence.Uri}/{Sequence.ReplyWithin}", "", string.Create(CultureInfo.InvariantCulture, $"An integer from 1 to {A2aLimits.ReplySeconds} is wanted here."));
        return A2aLimits.ReplySeconds;
    }
}
