using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Agora.Application.Values;

namespace Agora.Application.Operations;

/// <summary>
/// JSON Schema of a body, at an address of its own. Next actions refer to it: a schema is many times as long as all else that an action says, and is
/// the same each time. Whoever has one of this hash needs no other look.
/// </summary>
/// <param name="Url">Where it is read; of a sponsor's or a provider's schema within its tenant only.</param>
/// <param name="HoldsForeign">It holds a sponsor's or a provider's own schema.</param>
internal sealed record PublishedSchema(string Url, RawJson Schema, bool HoldsForeign = false)
{
    public const string Root = "/agent/schemas";

    /// <summary>Of its bytes as they are sent; lower-case hex.</summary>
    public string Sha256 => field ??= Convert.ToHexStringLower(SHA256.HashData(Schema.Utf8.Span));

    /// <summary>Of an operation as it is declared, for anyone to read.</summary>
    public static PublishedSchema Of(Operation operation) => new($"{Root}/{operation.Name}", Schemas.Document(operation.BodySchema()!));

    /// <summary>Of an operation on this thing, with the schema that its owner gave it.</summary>
    public static PublishedSchema Of(Operation operation, string id, JsonObject schema, bool holdsForeign) => new($"{Root}/{operation.Name}/{id}", Schemas.Document(schema), holdsForeign);
}

/// <param name="Sha256">Of the schema as it stands here.</param>
internal sealed record SchemaData(RawJson Schema, string Sha256)
{
    public static SchemaData Of(PublishedSchema published) => new(published.Schema, published.Sha256);
}
