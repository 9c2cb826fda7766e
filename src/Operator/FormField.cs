using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Desk;
using Microsoft.AspNetCore.Http;

namespace Agora.Operator;

public enum FieldKind
{
    Text,
    Secret,
    Number,
    YesNo,
    Choice,

    /// <summary>A time, in UTC.</summary>
    Time,

    /// <summary>A list of texts, one a line.</summary>
    Lines,

    /// <summary>A JSON Schema, which is looked at while it is written.</summary>
    Schema,

    /// <summary>An object, member by member.</summary>
    Group,

    /// <summary>A list of objects, a row each.</summary>
    Rows,

    /// <summary>Anything else, as it is sent.</summary>
    Json,
}

/// <summary>A member of a route's body, or a parameter of its query, as a form asks for it. What is left empty is not sent.</summary>
/// <param name="Members">Of a group, or of each row.</param>
public sealed record FormField(string Name, FieldKind Kind, string Meaning, bool IsRequired, IReadOnlyList<string> Choices, int? MaxLength, IReadOnlyList<FormField> Members)
{
    /// <summary>Empty rows behind those of a list that are there.</summary>
    public const int RowsBeyond = 3;

    private static readonly string[] Paging = ["cursor", "offset"];
    private static readonly string[] Times = ["yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss'Z'"];

    /// <summary>A field of its own, which no schema says.</summary>
    public static FormField Text(string name, string meaning, bool isRequired, int? maxLength = null) => new(name, FieldKind.Text, meaning, isRequired, [], maxLength, []);

    public static IReadOnlyList<FormField> OfBody(OperatorRoute route) => route.Body is { } schema ? OfObject(schema) : [];

    /// <summary>Those by which a schema would be filled in; none: it is of no object.</summary>
    public static IReadOnlyList<FormField> OfSchema(JsonElement schema) => schema.ValueKind == JsonValueKind.Object && JsonObject.Create(schema) is { } node && node["properties"] is JsonObject ? OfObject(node) : [];

    /// <summary>Filters of a list: all that narrows it, and none that pages through it.</summary>
    public static IReadOnlyList<FormField> OfQuery(OperatorRoute route) =>
        [.. route.Parameters.Where(static parameter => !Paging.Contains(parameter.Key)).Select(static parameter => Of(parameter.Key, parameter.Value, isRequired: false) with { Kind = parameter.Value["enum"] is null ? FieldKind.Text : FieldKind.Choice })];

    /// <returns>The body; or which field is none of its kind.</returns>
    public static (JsonObject? Body, FormField? Wrong) Read(OperatorRoute route, IFormCollection form)
    {
        if (route.Body is null) return (null, null);

        var body = new JsonObject();
        return (body, Read(OfBody(route), form, ActForms.Body, body));
    }

    /// <summary>What a form would say of what is there, by the names of its fields.</summary>
    public static void Fill(IReadOnlyList<FormField> fields, JsonElement from, string prefix, IDictionary<string, string> given)
    {
        foreach (var field in fields)
        {
            if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(field.Name, out var value) || value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            var name = prefix + field.Name;
            switch (field.Kind)
            {
                case FieldKind.Group:
                    Fill(field.Members, value, $"{name}.", given);
                    break;
                case FieldKind.Rows when value.ValueKind == JsonValueKind.Array:
                    foreach (var (row, item) in value.EnumerateArray().Index()) Fill(field.Members, item, $"{name}.{row}.", given);
                    break;
                case FieldKind.Lines when value.ValueKind == JsonValueKind.Array:
                    given[name] = string.Join('\n', value.EnumerateArray().Select(static item => item.ToString()));
                    break;
                default:
                    given[name] = value.ValueKind == JsonValueKind.String ? value.GetString()! : field.Kind is FieldKind.Schema or FieldKind.Json ? Shown.Json(value) : value.GetRawText();
                    break;
            }
        }
    }

    /// <summary>A time as an input of a browser has it.</summary>
    public static string? Local(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at.UtcDateTime.ToString(Times[1], CultureInfo.InvariantCulture) : text;

    /// <summary>Rows of a list of this name that names of fields tell of.</summary>
    public static int RowsIn(IEnumerable<string> names, string list) =>
        names.Where(name => name.StartsWith($"{list}.", StringComparison.Ordinal)).Select(name => int.TryParse(name.AsSpan(list.Length + 1).Contains('.') ? name[(list.Length + 1)..].Split('.')[0] : "", NumberStyles.None, CultureInfo.InvariantCulture, out var row) && row < ActForms.FieldsAtMost ? row + 1 : 0).DefaultIfEmpty().Max();

    private static FormField? Read(IReadOnlyList<FormField> fields, IFormCollection form, string prefix, JsonObject into)
    {
        foreach (var field in fields)
        {
            if (field.Read(form, prefix + field.Name, into) is { } wrong) return wrong;
        }

        return null;
    }

    private FormField? Read(IFormCollection form, string name, JsonObject into)
    {
        if (Kind is FieldKind.Group)
        {
            var group = new JsonObject();
            var wrong = Read(Members, form, $"{name}.", group);
            if (group.Any(IsSaid))
            {
                into[Name] = group;
            }

            return wrong;
        }

        if (Kind is FieldKind.Rows)
        {
            var rows = new JsonArray();
            for (var (n, count) = (0, RowsIn(form.Keys, name)); n < count; n++)
            {
                var row = new JsonObject();
                if (Read(Members, form, $"{name}.{n}.", row) is { } wrong) return wrong;
                if (row.Any(IsSaid))
                {
                    rows.Add(row);
                }
            }

            if (rows.Count > 0 || IsRequired)
            {
                into[Name] = rows;
            }

            return null;
        }

        var sent = ActForms.Text(form, name);
        if (sent.Length == 0) return null;
        if (!TryRead(sent, out var value)) return this;

        into[Name] = value;
        return null;
    }

    /// <summary>A list that has to be there is sent empty, too; an object that has nothing else was left out.</summary>
    private static bool IsSaid(KeyValuePair<string, JsonNode?> member) => member.Value is not JsonArray { Count: 0 };

    private static IReadOnlyList<FormField> OfObject(JsonObject schema)
    {
        var required = (schema["required"] as JsonArray)?.Select(static name => name!.GetValue<string>()).ToHashSet(StringComparer.Ordinal) ?? [];
        return [.. ((JsonObject)schema["properties"]!).Where(static member => member.Value is JsonObject).Select(member => Of(member.Key, (JsonObject)member.Value!, required.Contains(member.Key)))];
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
        var items = types.Contains("array") ? schema["items"] as JsonObject : null;
        var kind = choices.Count > 0 ? FieldKind.Choice
            : name is "schema" || name.EndsWith("_schema", StringComparison.Ordinal) ? FieldKind.Schema
            : types.Contains("boolean") ? FieldKind.YesNo
            : types.Contains("number") || types.Contains("integer") ? FieldKind.Number
            : types.Contains("string") ? name is "secret" ? FieldKind.Secret : schema["format"]?.ToString() == "date-time" ? FieldKind.Time : FieldKind.Text
            : items?["type"]?.ToString() == "string" ? FieldKind.Lines
            : items?["properties"] is JsonObject ? FieldKind.Rows
            : types.Contains("object") && schema["properties"] is JsonObject ? FieldKind.Group
            : FieldKind.Json;
        var members = kind is FieldKind.Rows ? OfObject(items!) : kind is FieldKind.Group ? OfObject(schema) : [];
        return new(name, kind, schema["description"]?.ToString() ?? "", isRequired, choices, schema["maxLength"] is JsonValue most && most.TryGetValue<int>(out var length) ? length : null, members);
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
            case FieldKind.Time:
                value = DateTime.TryParseExact(text, Times, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at.ToString(Times[2], CultureInfo.InvariantCulture) : text;
                return true;
            case FieldKind.Lines:
                value = new JsonArray([.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static line => (JsonNode)line)]);
                return true;
            case FieldKind.Json or FieldKind.Schema:
                if (!OperatorDesk.IsJson(text)) return false;

                value = JsonNode.Parse(text);
                return true;
            default:
                value = text;
                return true;
        }
    }
}
