using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>Reads the members of a request for vectors, each by its name.</summary>
internal static class EmbeddingsReader
{
    private static readonly ChatPlace Body = new();

    public static ModelRequest Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object) throw DialectException.Invalid("", "The body is a JSON object.");

        var (model, inputs, dimensions, format) = ((string?)null, (IReadOnlyList<EmbeddingInput>?)null, (int?)null, (string?)null);
        foreach (var member in body.EnumerateObject())
        {
            var (name, value) = (member.Name, member.Value);
            switch (name)
            {
                case "model":
                    model = Body.Name(value, name);
                    break;
                case "input":
                    inputs = Inputs(value);
                    break;
                case "dimensions":
                    dimensions = (int?)Body.Whole(value, name, 1, ModelLimits.Dimensions);
                    break;
                case "encoding_format":
                    format = Body.OneOf(value, name, ["float", "base64"]);
                    break;
                case "user":
                    Body.Text(value, name); // for the records of its provider; the answer is the same without
                    break;
                default:
                    throw Body.Unknown(name);
            }
        }

        var request = new EmbeddingRequest(model ?? throw Body.Missing("model"), inputs ?? throw Body.Missing("input")) { Dimensions = dimensions, AsBase64 = format == "base64" };
        if ((long)request.Inputs.Count * (dimensions ?? 1) > ModelLimits.VectorValues)
        {
            throw Body.Refuse("dimensions", $"All vectors together have at most {ModelLimits.VectorValues} values: ask for fewer texts at once.");
        }

        return request;
    }

    /// <summary>A text, texts, the numbers of one text's tokens, or of several. Null: there is none.</summary>
    private static IReadOnlyList<EmbeddingInput>? Inputs(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined) return null;
        if (value.ValueKind == JsonValueKind.String) return [Text(value, "input")];
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw Body.Refuse("input", "'input' is a text, a list of texts, a list of tokens' numbers, or a list of such lists, and is not empty.");
        }

        if (value[0].ValueKind == JsonValueKind.Number) return [Tokens(value, "input")];

        Body.IsList(value, "input", ModelLimits.Inputs);
        var isOfTexts = value[0].ValueKind == JsonValueKind.String;
        return [.. value.EnumerateArray().Select((one, index) => isOfTexts ? Text(one, $"input[{index}]") : Tokens(one, $"input[{index}]"))];
    }

    private static EmbeddingInput Text(JsonElement value, string at) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? new EmbeddingInput.Text(text) : throw Body.Refuse(at, $"'{at}' is a text that is not empty.");

    private static EmbeddingInput Tokens(JsonElement value, string at)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            throw Body.Refuse(at, $"'{at}' is a list of tokens' numbers that is not empty.");
        }

        var ids = new int[value.GetArrayLength()];
        var next = 0;
        foreach (var id in value.EnumerateArray())
        {
            ids[next] = id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out var number) && number >= 0 ? number : throw Body.Refuse($"{at}[{next}]", $"'{at}[{next}]' is the number of a token.");
            next++;
        }

        return new EmbeddingInput.Tokens(ids);
    }
}
