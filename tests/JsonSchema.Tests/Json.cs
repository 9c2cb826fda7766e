using System.Text;
using System.Text.Json;

namespace Agora.JsonSchema.Tests;

/// <summary>Schemas and instances as text, so that a test's rows read as JSON.</summary>
internal static class Json
{
    public static JsonElement Value(string json) => JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 10_000 });

    public static Schema Schema(string json, SchemaOptions? options = null)
    {
        var compiled = JsonSchema.Schema.Compile(Encoding.UTF8.GetBytes(json), options);
        Assert.True(compiled.Succeeded, string.Join("\n", compiled.Errors));
        return compiled.Schema;
    }

    public static IReadOnlyList<SchemaError> Errors(string json, SchemaOptions? options = null)
    {
        var compiled = JsonSchema.Schema.Compile(Encoding.UTF8.GetBytes(json), options);
        Assert.False(compiled.Succeeded, "the schema should have been refused");
        Assert.NotEmpty(compiled.Errors);
        return compiled.Errors;
    }

    /// <summary>Violations; the fast path must agree with them.</summary>
    public static IReadOnlyList<Violation> Check(this Schema schema, string instance)
    {
        var value = Value(instance);
        var violations = schema.Validate(value);
        Assert.Equal(violations.Count == 0, schema.IsValid(value));
        return violations;
    }

    public static bool Accepts(string schema, string instance) => Schema(schema).Check(instance).Count == 0;

    public static string Text(string value) => JsonSerializer.Serialize(value);
}
