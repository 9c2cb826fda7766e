using System.Collections.Immutable;
using Agora.Application.Values;

namespace Agora.Application.Operations;

/// <summary>
/// Something the caller can do next and that would now succeed. Server text, relative paths and ids only; a third party's schema, where one is
/// inlined, is listed in the reply's <c>untrusted_fields</c>. What says nothing is left out, ids stand in the path, and schemas are referred to, unless the caller
/// asks for all of it, or for templates.
/// </summary>
/// <param name="Action">The name of the operation; <see cref="Start"/> is none, and leads to <c>GET /</c>.</param>
/// <param name="Params">Fills the placeholders of the operation's path, and its query with the rest.</param>
internal sealed record NextAction(string Action, ImmutableSortedDictionary<string, string> Params)
{
    public static readonly ImmutableSortedDictionary<string, string> NoParams = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public static readonly NextAction Start = new("start", NoParams) { Description = "See what this is and how to begin." };

    /// <summary>Open a session within the user's grant. What the body does not ask for is all of the grant.</summary>
    public static readonly NextAction Authenticate = new(OperationNames.Authenticate, NoParams) { HasSchema = true };

    /// <summary>What it does. Null if the operation's own advice says it.</summary>
    public string? Description { get; init; }

    /// <summary>Prefilled; what is missing is generated from the schema.</summary>
    public RawJson? Body { get; init; }

    /// <summary>The same, where it follows from the operation. Null if it does not.</summary>
    public Func<OperationTable, RawJson>? Prefilled { get; init; }

    /// <summary>The reply refers to the operation's own schema of the body.</summary>
    public bool HasSchema { get; init; }

    /// <summary>A schema in place of the operation's own. Null if there is none.</summary>
    public PublishedSchema? Schema { get; init; }

    /// <summary>The same, narrowed to what would now succeed; written in its place where the caller asks for all of it.</summary>
    public Func<OperationTable, RawJson>? Narrowed { get; init; }

    /// <summary>With it the action happens once, however often it is sent.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Null: now.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The body is what the caller sent, which a third party may have written.</summary>
    public bool EchoesCaller { get; init; }

    public bool InlinesForeign => Schema is { HoldsForeign: true };

    /// <summary>An operation with all that its body may have.</summary>
    /// <param name="ids">The values of the path's placeholders, in order.</param>
    public static NextAction Of(Operation operation, IEnumerable<string> ids) =>
        new(operation.Name, operation.Sheet.Ids.Zip(ids).ToImmutableSortedDictionary(static one => one.First, static one => one.Second, StringComparer.Ordinal)) { HasSchema = true };

    public NextAction With(string description, string? key) => this with { Description = description, IdempotencyKey = key };
}
