using System.Text.Json;

namespace Agora.Models.Wires;

/// <summary>
/// Items as systemInstruction and contents. The results of a model's calls are one content, and nothing else is in it: Google wants as many results in the next turn as there were calls. Reasoning is not sent back: Google keeps what it
/// needs of it in the signatures of calls.
/// </summary>
internal static class GeminiContentWriter
{
    public const string Maker = "google";

    /// <summary>What Google documents for calls that come from another model, or whose signature is lost: its newer models refuse the first call of a turn without one.</summary>
    private const string NoSignature = "skip_thought_signature_validator";

    private enum Turn
    {
        None,
        User,
        Model,
        Results,
    }

    public static void WriteSystem(Utf8JsonWriter json, IReadOnlyList<Item> items)
    {
        var texts = items.OfType<Item.Message>().Where(message => message.Role is Role.System or Role.Developer).SelectMany(message => message.Parts).Select(TextOf).Where(text => text.Length > 0).ToList();
        if (texts.Count == 0) return;

        json.WriteStartObject("systemInstruction"u8);
        json.WriteStartArray("parts"u8);
        foreach (var text in texts)
        {
            WriteText(json, text);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteContents(Utf8JsonWriter json, IReadOnlyList<Item> items, bool wantsSignatures)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var open = Turn.None;
        var isFirstCall = true;
        json.WriteStartArray("contents"u8);
        foreach (var item in CallIds.Unique.Fit(items))
        {
            var turn = TurnOf(item);
            if (turn == Turn.None) continue;

            if (turn != open)
            {
                Close(json, open);
                json.WriteStartObject();
                json.WriteString("role"u8, turn == Turn.Model ? "model"u8 : "user"u8);
                json.WriteStartArray("parts"u8);
                (open, isFirstCall) = (turn, true);
            }

            switch (item)
            {
                case Item.Message message:
                    foreach (var part in message.Parts)
                    {
                        WritePart(json, part);
                    }

                    break;
                case Item.ToolCall call:
                    names[call.CallId] = call.Name;
                    WriteCall(json, call, isFirstCall && wantsSignatures);
                    isFirstCall = false;
                    break;
                case Item.ToolResult result:
                    WriteResult(json, result, names.GetValueOrDefault(result.CallId) ?? throw GeminiRefusals.ResultWithoutCall(result.CallId));
                    break;
            }
        }

        Close(json, open);
        json.WriteEndArray();
    }

    private static Turn TurnOf(Item item) => item switch
    {
        Item.Message { Role: Role.User } message when message.Parts.Any(HasContent) => Turn.User,
        Item.Message { Role: Role.Assistant } message when message.Parts.Any(HasContent) => Turn.Model,
        Item.ToolCall => Turn.Model,
        Item.ToolResult => Turn.Results,
        _ => Turn.None,
    };

    private static void Close(Utf8JsonWriter json, Turn open)
    {
        if (open == Turn.None) return;

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteCall(Utf8JsonWriter json, Item.ToolCall call, bool needsSignature)
    {
        json.WriteStartObject();
        json.WriteStartObject("functionCall"u8);
        json.WriteString("id"u8, call.CallId);
        json.WriteString("name"u8, call.Name);
        json.WritePropertyName("args"u8);
        Dialects.MessagesBlocks.WriteInput(json, call.Arguments, call.IsCustom);
        json.WriteEndObject();
        var signature = call.Seal is { Maker: Maker } seal ? seal.Data : needsSignature ? NoSignature : null;
        if (signature is not null)
        {
            json.WriteString("thoughtSignature"u8, signature);
        }

        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, Item.ToolResult result, string name)
    {
        json.WriteStartObject();
        json.WriteStartObject("functionResponse"u8);
        json.WriteString("id"u8, result.CallId);
        json.WriteString("name"u8, name);
        json.WriteStartObject("response"u8);
        json.WriteString(result.IsError ? "error"u8 : "output"u8, string.Join('\n', result.Parts.Select(TextOf).Where(text => text.Length > 0)));
        json.WriteEndObject();
        if (result.Parts.Any(part => part is Part.Image))
        {
            json.WriteStartArray("parts"u8);
            foreach (var image in result.Parts.OfType<Part.Image>())
            {
                WriteImage(json, image);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WritePart(Utf8JsonWriter json, Part part)
    {
        if (part is Part.Image image)
        {
            WriteImage(json, image);
        }
        else if (TextOf(part) is { Length: > 0 } text)
        {
            WriteText(json, text);
        }
    }

    private static void WriteText(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    private static void WriteImage(Utf8JsonWriter json, Part.Image image)
    {
        json.WriteStartObject();
        json.WriteStartObject(image.Url is null ? "inlineData"u8 : "fileData"u8);
        if ((image.MediaType ?? TypeOf(image.Url)) is { } type)
        {
            json.WriteString("mimeType"u8, type);
        }

        if (image.Url is null)
        {
            json.WriteString("data"u8, image.Data);
        }
        else
        {
            json.WriteString("fileUri"u8, image.Url);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>By the name's end; null: it does not tell, and Google looks for itself.</summary>
    private static string? TypeOf(string? url)
    {
        var path = url is null ? "" : url.Split('?', '#')[0];
        return path.EndsWith(".png", StringComparison.OrdinalIgnoreCase) ? "image/png"
            : path.EndsWith(".jpg", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".jpeg", StringComparison.OrdinalIgnoreCase) ? "image/jpeg"
            : path.EndsWith(".webp", StringComparison.OrdinalIgnoreCase) ? "image/webp"
            : path.EndsWith(".gif", StringComparison.OrdinalIgnoreCase) ? "image/gif"
            : null;
    }

    private static bool HasContent(Part part) => part is Part.Image || TextOf(part).Length > 0;

    private static string TextOf(Part part) => part switch
    {
        Part.Text text => text.Value,
        Part.Refusal refusal => refusal.Value,
        _ => "",
    };
}
