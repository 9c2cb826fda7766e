using System.Text.Json;
using Json.Schema;

namespace Agora.Differential.Tests.Schemas;

/// <summary>What JsonSchema.Net says, in this process. It bounds nothing, so it only gets what the grammars make.</summary>
internal static class JsonSchemaNet
{
    private static readonly EvaluationOptions Flag = new() { OutputFormat = OutputFormat.Flag, RequireFormatValidation = false };

    /// <summary>
    /// Where one of these is in a schema or its instances, JsonSchema.Net is not heard and the others decide.
    /// <list type="bullet">
    /// <item><c>pattern</c>, <c>patternProperties</c>: "This string SHOULD be a valid regular expression, according to the ECMA-262 regular expression dialect" (Validation 6.3.3). It hands them to .NET's, which knows no
    /// <c>\u{1F600}</c>, no names of categories such as <c>Letter</c>, and sees halves of 😀.</item>
    /// <item><c>minLength</c>, <c>maxLength</c> of a text with a combining mark: "The length of a string instance is defined as the number of its characters as defined by RFC 8259" (6.3.1). It counts graphemes.</item>
    /// <item><c>dependentSchemas</c> of a name that a JSON pointer escapes: it looks up the escaped name.</item>
    /// </list>
    /// </summary>
    public static bool IsHeard(Pairs pairs)
    {
        var schema = Pairs.Json(pairs.Schema);
        bool Has(string keyword) => schema.Contains($"\"{keyword}\":", StringComparison.Ordinal);
        return !Has("pattern") && !Has("patternProperties")
            && !((Has("minLength") || Has("maxLength")) && pairs.ToString().Contains('\u0301', StringComparison.Ordinal))
            && !(Has("dependentSchemas") && (Has("a/b") || Has("~0")));
    }

    /// <returns>1 or 0 for each instance, or ! and why the schema is refused.</returns>
    public static string Asked(Pairs pairs)
    {
        try
        {
            var schema = Json.Schema.JsonSchema.FromText(Pairs.Json(pairs.Schema), new BuildOptions { Dialect = Dialect.Draft202012, SchemaRegistry = new() });
            return string.Concat(pairs.Data.Select(datum => schema.Evaluate(JsonElement.Parse(Pairs.Json(datum)), Flag).IsValid ? '1' : '0'));
        }
        catch (Exception e)
        {
            return $"!{e.GetType().Name} {e.Message.Split('\n')[0]}";
        }
    }
}
