using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Desk;
using Microsoft.AspNetCore.Http;

namespace Agora.Operator;

public enum FieldKind
{
    Text,
    Number,
    YesNo,
    Choice,

    /// <summary>A list of texts, one a line.</summary>
    Lines,

    /// <summary>Anything else, as it is sent.</summary>
    Json,
}

/// <summary>A member of a route's body, or a parameter of its query, as a form asks for it. What is left empty is not sent.</summary>
public sealed record FormField(string Name, FieldKind Kind, string Meaning, bool IsRequired, IReadOnlyList<string> Choices, int? MaxLength)
{
    private static readonly string[] Paging = ["cursor", "offset"];

    public static IReadOnlyList<FormField> OfBody(OperatorRoute route)
    {
        if (route.Body is not { } schema) return [];

        var required = (schema["required"] as JsonArray)?.Select(static name => name!.GetValue<string>()).ToHashSet(StringComparer.Ordinal) ?? [];
        return [.. ((JsonObject)schema["properties"]!).Select(member => Of(member.Key, (JsonObject)member.Value!, required.Contains(member.Key)))];
    }

    /// <summary>Filters of a list: all that narrows it, and none that pages through it.</summary>
    public static IReadOnlyList<FormField> OfQuery(OperatorRoute route) =>
        [.. route.Parameters.Where(static parameter => !Paging.Contains(parameter.Key)).Select(static parameter => Of(parameter.Key, parameter.Value, isRequired: false) with { Kind = parameter.Value["enum"] is null ? FieldKind.Text : FieldKind.Choice })];

    /// <returns>The body; or which field is none of its kind.</returns>
    public static (JsonObject? Body, FormField? Wrong) Read(OperatorRoute route, IFormCollection form)
    {
        if (route.Body is null) return (null, null);

        var body = new JsonObject();
        foreach (var field in OfBody(route))
        {
            var sent = ActForms.Text(form, ActForms.Body + field.Name);
            if (sent.Length == 0) continue;
            if (!field.TryRead(sent, out var value)) return (null, field);

            body[field.Name] = value;
        }

        return (body, null);
    }

    private static FormField Of(string name, JsonObject schema, bool isRequired)
    {
        var types = schema["type"] switch
        {
            JsonValue one => [one.GetValue<string>()],
            JsonArray several => several.Select(static type => type!.GetValue<string>()).ToArray(),
            _ => [],
        };
        var choices = (schema["enum"] as JsonArray)?.Where(static choice => choice is not null).Select(static choice => choice!.ToString()).ToList() ?? [];
        var kind = choices.Count > 0 ? FieldKind.Choice
            : types.Contains("boolean") ? FieldKind.YesNo
            : types.Contains("number") || types.Contains("integer") ? FieldKind.Number
            : types.Contains("string") ? FieldKind.Text
            : types.Contains("array") && schema["items"] is JsonObject items && items["type"]?.ToString() == "string" ? FieldKind.Lines
            : FieldKind.Json;
        return new(name, kind, schema["description"]?.ToString() ?? "", isRequired, choices, schema["maxLength"]?.GetValue<int>());
    }

    private bool TryRead(string text, out JsonNode? value)
    {
        value = null;
        switch (Kind)
        {
            case FieldKind.Number:
                var isNumber = decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number);
                value = number;
                return isNumber;
            case FieldKind.YesNo:
                value = text == "true";
                return text is "true" or "false";
            case FieldKind.Lines:
                value = new JsonArray([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static line => (JsonNode)line)]);
                return true;
            case FieldKind.Json:
                try
                {
                    value = JsonNode.Parse(text);
                    return true;
                }
                catch (JsonException)
                {
                    return false;
                }

            default:
                value = text;
                return true;
        }
    }
}
