using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Agora.Provider.Http;

/// <summary>JSON Schema of types, and inputs read by it: what System.Text.Json and the attributes of data annotations say.</summary>
internal static class InputSchema
{
    /// <summary>Strict in what is read: a misspelt member would otherwise be a silently different request.</summary>
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    private static readonly JsonSchemaExporterOptions Exporting = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Bounded };

    public static JsonNode Of(Type type) => Json.GetJsonSchemaAsNode(type, Exporting);

    /// <summary>The input, or what it breaks.</summary>
    public static (T? Input, IReadOnlyList<Violation> Broken) Read<T>(ReadOnlySpan<byte> body)
    {
        try
        {
            if (JsonSerializer.Deserialize<T>(body, Json) is not { } input) return (default, [new("", "type", "Something is wanted here.")]);

            var found = new List<ValidationResult>();
            Validator.TryValidateObject(input, new(input), found, validateAllProperties: true);
            return (input, [.. found.Select(one => new Violation($"/{JsonNamingPolicy.SnakeCaseLower.ConvertName(one.MemberNames.FirstOrDefault() ?? "")}", "bounds", one.ErrorMessage ?? "It is not valid."))]);
        }
        catch (JsonException broken)
        {
            return (default, [new(Pointer(broken.Path), "type", "It is not as the input schema says.")]);
        }
    }

    private static JsonNode Bounded(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (schema is not JsonObject said || context.PropertyInfo is not { } member) return schema;

        var attributes = (member.AttributeProvider?.GetCustomAttributes(true) ?? []).Concat(member.AssociatedParameter?.AttributeProvider?.GetCustomAttributes(true) ?? []);
        foreach (var attribute in attributes)
        {
            switch (attribute)
            {
                case RangeAttribute { Minimum: var least, Maximum: var most }:
                    (said["minimum"], said["maximum"]) = (JsonValue.Create(Convert.ToDecimal(least, System.Globalization.CultureInfo.InvariantCulture)), JsonValue.Create(Convert.ToDecimal(most, System.Globalization.CultureInfo.InvariantCulture)));
                    break;
                case StringLengthAttribute length:
                    (said["minLength"], said["maxLength"]) = (length.MinimumLength, length.MaximumLength);
                    break;
                case RegularExpressionAttribute { Pattern: var pattern }:
                    said["pattern"] = pattern;
                    break;
                case DescriptionAttribute { Description: var description }:
                    said["description"] = description;
                    break;
            }
        }

        return said;
    }

    /// <summary>Of a path as System.Text.Json has it: $.parts[0].word.</summary>
    private static string Pointer(string? path) => (path ?? "").TrimStart('$').Replace('.', '/').Replace("[", "/", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);
}

/// <summary>As Agora says it: a JSON Pointer, what it breaks, and what is wanted.</summary>
internal sealed record Violation(string Path, string Keyword, string Message);
