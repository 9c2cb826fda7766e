using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Agora.Api.Http;

/// <summary>
/// One row of the route table: what is mapped, audited, offered as a next action and published in the OpenAPI document, from
/// one place, so that they cannot tell different stories.
/// </summary>
/// <param name="Name">The action's name; also the operation that the audit records.</param>
/// <param name="Data">CLR type of the reply's <c>data</c>.</param>
internal sealed record Operation(string Name, string Method, string Route, string Summary, Type Data)
{
    public int Status { get; init; } = StatusCodes.Status200OK;

    public Takes Body { get; init; } = Takes.Nothing;

    /// <summary>JSON Schema of the body where <see cref="Body"/> is <see cref="Takes.Members"/>.</summary>
    public JsonObject? BodySchema { get; init; }

    /// <summary>JSON Pointer of the body's member that a sponsor's or a provider's own schema is held against; null: none is.</summary>
    public string? HeldAgainst { get; init; }

    public IReadOnlyList<string> Query { get; init; } = [];

    /// <summary>The route moves money: without an Idempotency-Key a lost reply could move it twice.</summary>
    public bool RequiresKey { get; init; }

    /// <summary>Its body only asks: nothing is changed, so there is nothing that a repeat could do twice, and no key.</summary>
    public bool IsQuestion { get; init; }

    public bool TakesKey => Body != Takes.Nothing && !IsQuestion;

    /// <summary>Codes that this route can answer with, besides those that every route has.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>Body and reply data of one real exchange, as JSON.</summary>
    public string? BodyExample { get; init; }

    public required string DataExample { get; init; }

    public string Endpoint => $"{Method} {Route}";
}

/// <summary>What a route does with a body.</summary>
internal enum Takes
{
    /// <summary>A read: a body is not looked at.</summary>
    Nothing,

    /// <summary>A mutation without members: no body, or an empty object.</summary>
    Empty,

    Members,
}

/// <summary>Whose credential a route wants; metadata of its endpoint.</summary>
internal sealed record Audience(string Name, string Scheme)
{
    public static readonly Audience Anyone = new("Agents", "agentKey");
    public static readonly Audience Agents = new("Agents", "sessionToken");
    public static readonly Audience Operators = new("Operators", "operatorKey");
}
