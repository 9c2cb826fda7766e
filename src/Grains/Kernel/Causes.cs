using System.Text.Json;
using Agora.Contracts;
using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Journal;

namespace Agora.Grains.Kernel;

/// <summary>
/// The cause of an entry: <c>{"actor":…,"act":…,"command":…}</c>: who, what an operator asked for, and what the decision rests on beyond its events.
/// Empty when there is none of them.
/// </summary>
public static class Causes
{
    public static ReadOnlyMemory<byte> Write(string? actor, Act? act, byte[]? command)
    {
        if (actor is null && command is null) return default;

        return StoredJson.Write((actor, act, command), static (writer, cause) =>
        {
            writer.WriteStartObject();
            if (cause.actor is { } actor)
            {
                writer.WriteString("actor", actor);
            }

            if (cause.act is { } act)
            {
                writer.WritePropertyName("act");
                JsonSerializer.Serialize(writer, act, StoredJson.Options);
            }

            if (cause.command is { } command)
            {
                writer.WritePropertyName("command");
                writer.WriteRawValue(command, skipInputValidation: true);
            }

            writer.WriteEndObject();
        });
    }

    /// <summary>The act that the entry was decided for. Null: no operator's, or of a release that did not keep it.</summary>
    public static (string Actor, Act Act)? ActOf(JournalEntry entry) =>
        !entry.Cause.IsEmpty && JsonSerializer.Deserialize<Cause>(entry.Cause.Span, StoredJson.Options) is { Actor: { } actor, Act: { } act } ? (actor, act) : null;

    /// <summary>The row that follows from an act; none where it changed nothing.</summary>
    /// <param name="made">What has its id of the decision.</param>
    public static IEnumerable<Row> Rows(string tenant, JournalEntry entry, string? made)
    {
        if (entry.Events.Count > 0 && ActOf(entry) is var (actor, act))
        {
            yield return Row(tenant, entry.CommandId, actor, act.About(made), entry.AtMicros);
        }
    }

    public static Row Row(string tenant, Guid commandId, string actor, Act act, long atMicros) =>
        ActTables.Acts.Row(tenant, commandId.ToString("D"), actor, act.Operation, act.TargetId, act.PartId, atMicros);

    private sealed record Cause(string? Actor = null, Act? Act = null);
}
