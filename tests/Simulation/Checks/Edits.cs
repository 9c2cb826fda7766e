using System.Text.Json;
using Agora.Core;
using Agora.Core.Agents;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Users;

namespace Agora.Simulation.Checks;

/// <summary>The definition of a user: all that operators put of it. Were a member missing here, an edit of that member alone would look like none.</summary>
public sealed record UserTerms(Personal? Profile, long? DailyCapMicros, long? MonthlyCapMicros, IReadOnlyList<PartCap>? Parts);

/// <summary>What an operator expects of a definition, and makes of it.</summary>
/// <param name="Before">Null: that there is none.</param>
/// <param name="After">Null: none is left.</param>
public sealed record Edit(string Thing, Guid CommandId, Expects Expects, string? Before, string? After);

public enum Expects
{
    /// <summary>If-Match or If-None-Match: *, as <see cref="Edit.Before"/> says.</summary>
    What,

    /// <summary>If-Match: *.</summary>
    Something,

    /// <summary>No condition.</summary>
    Anything,
}

/// <summary>
/// An edit that expects something is carried out over just that, and makes of it what was sent: so of several that expect the same one is carried out, and none undoes another that
/// its operator had not read. One is refused for its expectation only if something else was there while it was under way. Definitions are compared by their content, not by the product's tags.
/// </summary>
public sealed class Edits(Findings findings) : IChecker
{
    /// <summary>Of a user who is erased, or whose key is gone: nobody can tell.</summary>
    private const string Unreadable = "unreadable";

    private readonly Dictionary<string, List<string?>> _definitions = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Thing, Guid CommandId), List<Edit>> _sent = [];

    /// <summary>Carried out under an expectation.</summary>
    public int Count { get; private set; }

    /// <summary>Refused for their expectation.</summary>
    public int Overtaken { get; private set; }

    public static string Thing(StreamId stream, string? agent = null) => agent is null ? stream.ToString() : $"{stream} {agent}";

    public static string Text<T>(T definition) => JsonSerializer.Serialize(definition, StoredJson.Options);

    /// <summary>This event is what an edit leaves.</summary>
    public static bool IsEdit(object @event) =>
        @event is UserEvent.UserPut or UserEvent.GrantPut or UserEvent.GrantEnded or AgentEvent.AgentPut or ServiceEvent.DefinitionPut or CampaignEvent.DefinitionPut;

    public void Happened(Committed committed)
    {
        var (stream, id) = (committed.Stream, committed.CommandId);
        switch (committed.Event)
        {
            case UserEvent.UserPut e:
                Became(Thing(stream), id, e.Profile is null ? Unreadable : Text(new UserTerms(e.Profile, e.View.DailyCapMicros, e.View.MonthlyCapMicros, e.View.Parts)));
                break;
            case UserEvent.PersonalDataErased:
                Became(Thing(stream), id, Unreadable);
                break;
            case UserEvent.GrantPut e:
                Became(Thing(stream, e.AgentId), id, Text(e.View.Grant));
                break;
            case UserEvent.GrantEnded e:
                Became(Thing(stream, e.AgentId), id, null);
                break;
            case AgentEvent.AgentPut e:
                Became(Thing(stream), id, Text(e.View.Owner ?? ""));
                break;
            case ServiceEvent.DefinitionPut e:
                Became(Thing(stream), id, Text(e.View.Definition));
                break;
            case CampaignEvent.DefinitionPut e:
                Became(Thing(stream), id, Text(e.View.Definition));
                break;
        }
    }

    /// <summary>Called before it is sent. Merged anew, an edit is sent again under its id with another expectation.</summary>
    /// <returns>The place of the definition that is there, for <see cref="Refused"/>.</returns>
    public int Sent(Edit edit)
    {
        if (!_sent.TryGetValue((edit.Thing, edit.CommandId), out var sent))
        {
            _sent.Add((edit.Thing, edit.CommandId), sent = []);
        }

        sent.Add(edit);
        return Of(edit.Thing).Count - 1;
    }

    /// <summary>Its operator was told precondition_failed.</summary>
    /// <param name="from">What <see cref="Sent"/> returned.</param>
    public void Refused(Edit edit, int from)
    {
        Overtaken++;
        findings.Expect(
            Of(edit.Thing).Skip(from).Any(there => there == Unreadable || !Holds(edit, there)),
            $"An edit of {edit.Thing} ({edit.CommandId}) was refused for what it expects, and just that was there all the time: {edit.Before}");
    }

    private void Became(string thing, Guid commandId, string? after)
    {
        var definitions = Of(thing);
        var before = definitions[^1];
        definitions.Add(after);
        if (before == Unreadable || after == Unreadable || !_sent.TryGetValue((thing, commandId), out var sent)) return;

        Count += sent[0].Expects == Expects.Anything ? 0 : 1;
        findings.Expect(
            sent.Any(edit => Holds(edit, before) && edit.After == after),
            $"An edit of {thing} ({commandId}) expected {string.Join(" or ", sent.Select(edit => edit.Before ?? "nothing"))}, met {before ?? "nothing"} and left {after ?? "nothing"}.");
    }

    private static bool Holds(Edit edit, string? there) => edit.Expects switch
    {
        Expects.What => edit.Before == there,
        Expects.Something => there is not null,
        _ => true,
    };

    /// <summary>All that it has been, the last one now. An agent that nothing was put of has an owner who is nobody.</summary>
    private List<string?> Of(string thing)
    {
        if (!_definitions.TryGetValue(thing, out var definitions))
        {
            _definitions.Add(thing, definitions = [thing.Contains(' ', StringComparison.Ordinal) || StreamId.Parse(thing).Kind != Kinds.Agent ? null : Text("")]);
        }

        return definitions;
    }
}
