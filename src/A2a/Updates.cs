using System.Text.Json;
using Agora.Application.Operations;
using Agora.Core.Conversations;

namespace Agora.A2a;

/// <summary>Something that an agent says of a task by the protocol's own words.</summary>
internal abstract record Update
{
    private Update()
    {
    }

    /// <param name="Message">Null: without a word.</param>
    public sealed record Status(TaskState State, JsonElement? Message) : Update;

    public sealed record Word(JsonElement Message) : Update;

    /// <param name="Append">To what there is of the artifact already.</param>
    public sealed record Chunk(JsonElement Artifact, bool Append, bool IsLast) : Update;
}

/// <summary>
/// The content of an agent's message of content type application/a2a+json: a StreamResponse (section 3.2.3 of the specification), or a list of them. Ids, role and times may be left out: they are known.
/// </summary>
internal static class Updates
{
    /// <summary>Null: it is not that. Then it is passed on as what it is, so that nothing is lost that an agent has said.</summary>
    public static IReadOnlyList<Update>? Of(ReadOnlyMemory<byte> content)
    {
        var said = JsonElement.Parse(content.Span);
        if (said.ValueKind != JsonValueKind.Array) return One(said) is { } only ? [only] : null;
        if (said.GetArrayLength() is 0 or > A2aLimits.Updates) return null;

        var all = said.EnumerateArray().Select(One).OfType<Update>().ToList();
        return all.Count == said.GetArrayLength() ? all : null;
    }

    private static Update? One(JsonElement said) =>
        Parts.Member(said, "statusUpdate") is { } status ? OfStatus(status)
        : Parts.Member(said, "artifactUpdate") is { } artifact ? OfArtifact(artifact)
        : Parts.Member(said, "message") is { } message && IsWhole(message) ? new Update.Word(message)
        : null;

    private static Update.Status? OfStatus(JsonElement update) =>
        Parts.Member(update, "status") is not { ValueKind: JsonValueKind.Object } status || Parts.Member(status, "state") is not { } given || TaskStates.Read(given) is not { } state || state is TaskState.Submitted ? null
        : Parts.Member(status, "message") is not { } message ? new(state, null)
        : IsWhole(message) ? new(state, message) : null;

    private static Update.Chunk? OfArtifact(JsonElement update) =>
        Parts.Member(update, "artifact") is not { } artifact || !IsWhole(artifact) || !IsText(artifact, "name") || !IsText(artifact, "description") || (Parts.Member(artifact, "artifactId") is not null && Parts.Id(artifact, "artifactId") is null)
            ? null
            : new(artifact, IsTrue(update, "append"), IsTrue(update, "lastChunk"));

    private static bool IsWhole(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object) return false;

        var findings = new Findings();
        Parts.Check(message, "", findings);
        return findings.Refusal is null;
    }

    private static bool IsText(JsonElement artifact, string name) => Parts.Member(artifact, name) is not { } text || (text.ValueKind == JsonValueKind.String && text.GetString()!.Length <= A2aLimits.TextLength);

    private static bool IsTrue(JsonElement update, string name) => Parts.Member(update, name) is { ValueKind: JsonValueKind.True };
}
