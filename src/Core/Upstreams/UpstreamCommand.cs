using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Upstreams;

/// <param name="RefreshedAt">When its list was last read here; null: not since this process has it.</param>
/// <param name="Failure">Why its list could not be read the last time; null: it could.</param>
/// <param name="Waiting">Tools that wait for an operator.</param>
/// <param name="Dropped">Of the answer to a put: members that lost their values to it.</param>
/// <param name="Secrets">How often its secret was changed.</param>
public sealed record UpstreamView(
    string UpstreamId,
    UpstreamDefinition Definition,
    DateTimeOffset UpdatedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Tools = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Approved = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Waiting = 0,
    DateTimeOffset? RefreshedAt = null,
    UpstreamFailure? Failure = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Secrets = 0,
    IReadOnlyList<string>? Dropped = null)
{
    public string Etag => EntityTags.Of(new Tagged(Definition, Secrets));

    private sealed record Tagged(UpstreamDefinition Definition, int Secrets);
}

/// <param name="Code">One of <see cref="UpstreamFailures"/>: never the upstream's words.</param>
public sealed record UpstreamFailure(DateTimeOffset Since, string Code);

/// <summary>Why an upstream's list could not be read; names are stored and shown.</summary>
public static class UpstreamFailures
{
    public const string Unreachable = "unreachable";
    public const string Timeout = "timeout";
    public const string Refused = "refused";
    public const string Unauthorized = "unauthorized";
    public const string Protocol = "protocol";
    public const string TooLarge = "too_large";
    public const string TooManyTools = "too_many_tools";

    /// <summary>No process has the command: the deployer allowed none of this name to this tenant.</summary>
    public const string CommandUnknown = "command_unknown";

    public static IReadOnlyList<string> All { get; } = [Unreachable, Timeout, Refused, Unauthorized, Protocol, TooLarge, TooManyTools, CommandUnknown];
}

/// <summary>
/// A tool as it is offered, and as it was approved.
/// </summary>
/// <param name="Offered">Null: the upstream offers it no more.</param>
/// <param name="Approved">What agents see and call; null: no operator has approved it yet.</param>
/// <param name="Refused">Why its service does not follow: another stands at its id; null: it does.</param>
public sealed record UpstreamTool(string ServiceId, OfferedTool? Offered, OfferedTool? Approved, DateTimeOffset ChangedAt, DateTimeOffset? ApprovedAt = null, string? Refused = null)
{
    /// <summary>What is offered is what was approved.</summary>
    public bool IsCurrent => Offered is not null && Approved is not null && Offered.Hash == Approved.Hash;

    public bool Waits => Offered is { Unusable: null } && !IsCurrent;
}

/// <summary>
/// Closed union; answers: Put, Get → <see cref="UpstreamView"/> (Get of none: not_found); Delete → <see cref="UpstreamDeleted"/> or not_found; Refresh → <see cref="UpstreamView"/>, or not_found, unavailable (too
/// many are under way); GetTools → <see cref="UpstreamTools"/> or not_found; Approve → <see cref="UpstreamTool"/>, or not_found, precondition_failed (another is offered), validation_failed (it cannot be approved);
/// GetAccess → <see cref="UpstreamAccess"/> or not_found; Heard → <see cref="Nothing"/>.
/// </summary>
public abstract record UpstreamCommand
{
    private UpstreamCommand()
    {
    }

    /// <param name="Secret">JSON string; null with an AuthHeader keeps the secret that is there for the addresses that it was given for, null without one removes it.</param>
    public sealed record Put(UpstreamDefinition Definition, Personal? Secret, Replacing? Replacing = null) : UpstreamCommand;

    public sealed record Delete : UpstreamCommand;

    public sealed record Get : UpstreamCommand;

    /// <summary>Its list is read now.</summary>
    public sealed record Refresh : UpstreamCommand;

    public sealed record GetTools : UpstreamCommand;

    /// <param name="Hash">Of what was looked at.</param>
    public sealed record Approve(string ServiceId, string Hash) : UpstreamCommand;

    /// <summary>For the process that calls: where, with what, and which tools. Never answered over HTTP.</summary>
    public sealed record GetAccess : UpstreamCommand;

    /// <summary>Sent by whoever called it and was told that its list has changed.</summary>
    public sealed record Heard : UpstreamCommand;

    public sealed record Tick : UpstreamCommand;

    // Own commands: what came of steps. Nobody outside can send them: they have no codec.

    /// <param name="Listed">Null: it is not known.</param>
    /// <param name="Asked">The command that an operator waits with; null: none does.</param>
    internal sealed record ListDone(int Course, UpstreamOutcome? Listed, Guid? Asked = null) : UpstreamCommand;

    /// <param name="Refused">Code of the service's refusal; null: it follows.</param>
    internal sealed record Published(string ServiceId, long Revision, string? Refused) : UpstreamCommand;
}

public sealed record UpstreamDeleted(string UpstreamId);

public sealed record UpstreamTools(string UpstreamId, IReadOnlyList<UpstreamTool> Tools);

/// <param name="Course">Rises with each definition: whoever holds connections under another one drops them.</param>
/// <param name="Callable">Tools that may be called, by their upstream's names.</param>
public sealed record UpstreamAccess(
    int Course, IReadOnlyList<string>? Urls, string? Command, string? AuthHeader, Personal? Secret, IReadOnlyList<CallableTool> Callable);

/// <param name="Hash">Of what was approved.</param>
/// <param name="Mirrored">Arguments that a call repeats in headers; null if there are none.</param>
public sealed record CallableTool(string Name, string Hash, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool MayRepeat = false, IReadOnlyList<MirroredArgument>? Mirrored = null);
