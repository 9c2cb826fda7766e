using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Upstreams;

/// <summary>What an operator says an upstream is: where its tools are called, and what a run of one costs. Checked at the edge (Api) and by the decider.</summary>
/// <param name="Urls">Its instances, each of which has the same tools; null: it is a <paramref name="Command"/>.</param>
/// <param name="Command">Name of a command that the deployer allowed; never a command line.</param>
/// <param name="AuthHeader">Name of the header that carries the upstream's own credential; its value is sealed and write-only.</param>
/// <param name="PriceMicros">Of one run of any of its tools, unless <paramref name="Tools"/> says another.</param>
/// <param name="Category">What scopes allow, of any of its tools, unless <paramref name="Tools"/> says another.</param>
/// <param name="Provider">Id of the wallet that earns.</param>
/// <param name="TimeoutMs">Of one call; at most <see cref="Limits.ServiceTimeoutMs"/>.</param>
/// <param name="Active">Whether its list is followed, and its tools can be run.</param>
/// <param name="Tools">Where a tool differs; null: none does.</param>
public sealed record UpstreamDefinition(
    IReadOnlyList<string>? Urls,
    string? Command,
    string? Description,
    string? AuthHeader,
    string Category,
    long PriceMicros,
    string Provider,
    string? Owner,
    int TimeoutMs,
    bool Active,
    IReadOnlyList<ToolTerms>? Tools = null)
{
    /// <summary>Names of the optional members, as an operator knows them, that have another value than their default.</summary>
    internal IReadOnlyList<string> Given() => Replacing.Given(
        ("description", Description is not null),
        ("auth", AuthHeader is not null),
        ("owner", Owner is not null),
        ("timeout_ms", TimeoutMs != Limits.ServiceTimeoutMsDefault),
        ("active", !Active),
        ("tools", Tools is not null));

    public ToolTerms? TermsOf(string serviceId) => Tools?.FirstOrDefault(tool => tool.ServiceId == serviceId);
}

/// <summary>In what a tool differs from the others of its upstream; null: it does not.</summary>
public sealed record ToolTerms(string ServiceId, long? PriceMicros, string? Category, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Inactive = false);

/// <summary>A tool as its upstream offers it: the upstream's words, bounded, and nothing else. Operators approve it whole, by its <see cref="Hash"/>.</summary>
/// <param name="Name">As the upstream calls it.</param>
/// <param name="InputSchema">JSON Schema as JSON text.</param>
/// <param name="OutputSchema">Of what it answers as structured content; null: it says none.</param>
/// <param name="Unusable">Why it cannot be approved: one of <see cref="ToolFaults"/>; null: it can.</param>
/// <param name="Hash">Of all of the above.</param>
public sealed record OfferedTool(string Name, string? Title, string Description, string? InputSchema, string? OutputSchema, ToolHints? Hints, string? Unusable, string Hash)
{
    public static OfferedTool Of(string name, string? title, string description, string? inputSchema, string? outputSchema, ToolHints? hints = null, string? unusable = null)
    {
        var tool = new OfferedTool(name, title, description, inputSchema, outputSchema, hints, unusable, "");
        return tool with { Hash = EntityTags.Of(tool).Trim('"') };
    }

    /// <summary>The same, that cannot be approved.</summary>
    internal OfferedTool But(string fault) => Of(Name, Title, Description, InputSchema, OutputSchema, Hints, fault);
}

/// <summary>What the upstream says of a tool's ways; null: it says nothing.</summary>
public sealed record ToolHints(bool? ReadOnly = null, bool? Destructive = null, bool? Idempotent = null, bool? OpenWorld = null)
{
    /// <summary>A second call does no more than the first.</summary>
    public bool MayRepeat => ReadOnly == true || Idempotent == true;
}

/// <summary>Why a tool cannot be approved; names are stored and shown.</summary>
public static class ToolFaults
{
    /// <summary>With the upstream's id it makes no name that clients take.</summary>
    public const string Name = "name";

    /// <summary>Another tool of the upstream has the same name here.</summary>
    public const string NameTaken = "name_taken";

    public const string DescriptionTooLong = "description_too_long";

    /// <summary>Its words hold characters that nobody sees.</summary>
    public const string Hidden = "hidden_characters";

    /// <summary>A schema that is no object's, too large, or of another dialect than 2020-12 and what of draft-07 means the same there.</summary>
    public const string Schema = "schema";

    /// <summary>An <c>x-mcp-header</c> of the input schema is not valid (<see cref="MirroredArguments"/>).</summary>
    public const string Header = "x_mcp_header";
}

/// <summary>Names of tools as agents know them, which are their services' ids.</summary>
public static class ToolNames
{
    /// <summary>Between the upstream's id and the tool's name. No upstream's id has it, so a name is one upstream's.</summary>
    public const string Separator = "__";

    public const string UpstreamIdPattern = "^[A-Za-z0-9]([A-Za-z0-9-]{0,22}[A-Za-z0-9])?$";

    public static bool IsUpstreamId(string id) => id.Length is > 0 and <= Limits.UpstreamIdLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-') && id[0] != '-' && id[^1] != '-';

    /// <summary>What clients take as a tool's name has letters, digits, _ and -; a dot, a slash and a space become _. Null: it cannot be said so.</summary>
    public static string? ServiceId(string upstreamId, string tool)
    {
        var id = $"{upstreamId}{Separator}{string.Create(tool.Length, tool, static (said, name) => { for (var i = 0; i < name.Length; i++) said[i] = name[i] is '.' or '/' or ' ' ? '_' : name[i]; })}";
        return tool.Length > 0 && id.Length <= Limits.ToolNameLength && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? id : null;
    }

    /// <summary>Whether an id is of the form that tools of upstreams have.</summary>
    public static bool IsOfTool(string serviceId) => serviceId.IndexOf(Separator, StringComparison.Ordinal) is var at && at > 0 && IsUpstreamId(serviceId[..at]);
}
