using System.Text.Json.Serialization;

namespace Agora.Core.Access;

/// <summary>What a session may touch. An empty list allows nothing of its kind, <c>["*"]</c> all.</summary>
/// <param name="Payees">Wallets that the agent may pay; null: none.</param>
/// <param name="Peers">Agents that it may talk to; null: none.</param>
/// <param name="Models">What it may have of models besides money; null: nothing bounds it.</param>
/// <param name="AskWhenSpent">Where its budget has no room for a run, the user is asked to raise it. Only of sessions that auth opened: what is delegated below has what it was given.</param>
public sealed record Scopes(
    IReadOnlyList<string> TaskTypes,
    IReadOnlyList<string> DataTypes,
    IReadOnlyList<string> Categories,
    IReadOnlyList<string> Consents,
    IReadOnlyList<string>? Payees = null,
    IReadOnlyList<string>? Peers = null,
    ModelAllowance? Models = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool AskWhenSpent = false);

/// <summary>As requested at auth: a null list asks for all of the grant.</summary>
public sealed record RequestedScopes(
    IReadOnlyList<string>? TaskTypes,
    IReadOnlyList<string>? DataTypes,
    IReadOnlyList<string>? Categories,
    IReadOnlyList<string>? Consents,
    IReadOnlyList<string>? Payees = null,
    IReadOnlyList<string>? Peers = null,
    ModelAllowance? Models = null,
    bool? AskWhenSpent = null);
