using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Agora.Models;

/// <summary>
/// The most tokens that a request can be counted as, without asking anybody. Tokenizers of all makers here cut bytes of UTF-8 into tokens, none of which is empty: so a text has at most as many tokens as bytes, or as its normalized form has if that is longer. What a
/// provider writes around it is bounded by so much an item, and where there are tools by so much for all of them. An image counts as the model's definition says, at most.
/// </summary>
public static class InputBound
{
    /// <summary>For what stands around the whole.</summary>
    public const int Whole = 64;

    /// <summary>For what stands around each message, call, result and tool.</summary>
    public const int EachItem = 16;

    /// <summary>For the message in which a tool's pictures follow its result if the provider takes only text there (Wires.ChatMessageWriter). The call's id, which it repeats, is counted separately.</summary>
    public const int Pictures = 64;

    /// <summary>For what providers tell a model about tools in general.</summary>
    public const int AnyTools = 1_024;

    /// <summary>Characters of a JSON escape with four digits (\uXXXX).</summary>
    private const int Escape = 6;

    /// <param name="imageTokens">Of one image, at most.</param>
    public static long Of(ModelRequest request, int imageTokens)
    {
        if (request is EmbeddingRequest embedding) return Of(embedding);
        if (request is SpeechRequest speech) return speech.Characters; // exactly: no tokens are counted

        long bound = Whole + (request.Tools.Count == 0 ? 0 : AnyTools);
        foreach (var item in request.Items)
        {
            bound += EachItem + Of(item, imageTokens);
        }

        foreach (var tool in request.Tools)
        {
            bound += EachItem + Bytes(tool.Name) + Bytes(tool.Description) + Json(tool.Parameters);
        }

        return request.Format is OutputFormat.ByJsonSchema format ? bound + EachItem + Bytes(format.Name) + Json(format.Schema) + Bytes(format.Description) : bound;
    }

    /// <summary>Tokens that the client has cut itself are as many as they are.</summary>
    private static long Of(EmbeddingRequest request) => Whole + request.Inputs.Sum(static input => EachItem + input switch
    {
        EmbeddingInput.Text t => Bytes(t.Value),
        EmbeddingInput.Tokens t => t.Ids.Count,
        _ => throw new UnreachableException(input.GetType().Name),
    });

    private static long Of(Item item, int imageTokens) => item switch
    {
        Item.Message m => Bytes(m.Name) + Of(m.Parts, imageTokens),
        Item.ToolCall c => Id(c.CallId) + Bytes(c.Name) + Json(c.Arguments) + Bytes(c.Seal?.Data),
        Item.ToolResult r => Id(r.CallId) + Of(r.Parts, imageTokens) + (r.Parts.Any(static part => part is Part.Image) ? Pictures + Id(r.CallId) : 0),
        Item.Reasoning r => Bytes(r.Text) + Bytes(r.Seal?.Data) + r.Summary.Sum(Bytes),
        _ => throw new UnreachableException(item.GetType().Name),
    };

    private static long Of(IReadOnlyList<Part> parts, int imageTokens)
    {
        long bound = 0;
        foreach (var part in parts)
        {
            bound += part switch
            {
                Part.Text t => Bytes(t.Value) + 4,
                Part.Refusal r => Bytes(r.Value) + 4,
                Part.Image => imageTokens,
                _ => throw new UnreachableException(part.GetType().Name),
            };
        }

        return bound;
    }

    /// <summary>The bytes of a call's id, and of the derived id that may replace it (Wires.CallIds).</summary>
    private static long Id(string callId) => Bytes(callId) + Wires.CallIds.DerivedLength;

    /// <summary>The bytes of text that a provider may parse as JSON. A normalized character can be longer than its escape. Text that is not JSON has the same bound.</summary>
    private static long Json(string? json)
    {
        var bytes = Bytes(json);
        for (var at = 0; json is not null && (at = json.IndexOf('\\', at)) >= 0;)
        {
            var (length, character) = (Unit(json, at), Unit(json, at + Escape)) switch
            {
                ({ } high, { } low) when Rune.TryCreate(high, low, out var pair) => (2 * Escape, pair),
                ({ } unit, _) => (Escape, Rune.TryCreate(unit, out var single) ? single : default),
                _ => (2, default),
            };
            bytes += Math.Max(0, character.Utf8SequenceLength + NfkcGrowth.Of(character) - length);
            at = Math.Min(at + length, json.Length);
        }

        return bytes;
    }

    /// <summary>The UTF-16 unit of an escape with four digits at this place. Null if there is none.</summary>
    private static char? Unit(string json, int at) =>
        json.Length >= at + Escape && json[at] == '\\' && json[at + 1] == 'u' && ushort.TryParse(json.AsSpan(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit) ? (char)unit : null;

    /// <summary>The bytes of a text after normalization, which some tokenizers do and which can make it longer (<see cref="NfkcGrowth"/>).</summary>
    private static long Bytes(string? text)
    {
        if (text is null) return 0;

        long bytes = Encoding.UTF8.GetByteCount(text);
        if (bytes == text.Length) return bytes;

        foreach (var character in text.EnumerateRunes())
        {
            bytes += NfkcGrowth.Of(character);
        }

        return bytes;
    }
}
