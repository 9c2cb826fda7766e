using System.Diagnostics;
using System.Text.Json;
using Agora.Models.Dialects;

namespace Agora.Models.Wires;

/// <summary>
/// Items as messages. A run of the assistant's items is one message: each of its tool calls has to stand in the message right before the results, whatever else the model said between them. Tools' results are text only: their
/// pictures follow all results of the turn in a message of the user.
/// </summary>
internal sealed class ChatMessageWriter(Utf8JsonWriter json, bool isOpenAi)
{
    public void Write(IReadOnlyList<Item> items)
    {
        json.WriteStartArray("messages"u8);
        for (var i = 0; i < items.Count;)
        {
            var end = EndOfAssistant(items, i);
            if (end > i)
            {
                WriteAssistant(items, i, end);
                i = end;
                continue;
            }

            WriteOther(items[i++]);
            if (i == items.Count || items[i] is not Item.ToolResult)
            {
                WritePictures(items, i);
            }
        }

        json.WriteEndArray();
    }

    /// <summary>Behind the last item that is said in the same message; where the assistant says none, the start.</summary>
    private static int EndOfAssistant(IReadOnlyList<Item> items, int start)
    {
        var (hasMessage, hasCall) = (false, false);
        var end = start;
        for (; end < items.Count; end++)
        {
            if (items[end] is not (Item.Reasoning or Item.ToolCall or Item.Message { Role: Role.Assistant })) break;
            if (hasMessage && !hasCall && items[end] is not Item.ToolCall) break;

            hasMessage |= items[end] is Item.Message;
            hasCall |= items[end] is Item.ToolCall;
        }

        return end;
    }

    private void WriteAssistant(IReadOnlyList<Item> items, int start, int end)
    {
        var texts = new List<string>();
        string? refusal = null, reasoning = null;
        var calls = 0;
        for (var i = start; i < end; i++)
        {
            switch (items[i])
            {
                case Item.ToolCall:
                    calls++;
                    break;
                case Item.Reasoning { Seal: null, Text.Length: > 0 } r when !isOpenAi:
                    reasoning += r.Text;
                    break;
                case Item.Message m:
                    foreach (var part in m.Parts)
                    {
                        if (part is Part.Image) throw DialectException.Invalid("messages", "An image is said by the user, not by the assistant.");
                        if (part is Part.Text text)
                        {
                            texts.Add(text.Value);
                        }
                        else if (part is Part.Refusal r)
                        {
                            refusal += r.Value;
                        }
                    }

                    break;
            }
        }

        // Only what another provider sealed: it is not sent.
        if (texts.Count == 0 && refusal is null && reasoning is null && calls == 0) return;

        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        WriteTexts(texts, isNullable: calls > 0 || refusal is not null);
        if (refusal is not null)
        {
            json.WriteString("refusal"u8, refusal);
        }

        if (reasoning is not null)
        {
            json.WriteString("reasoning_content"u8, reasoning);
        }

        if (calls > 0)
        {
            json.WriteStartArray("tool_calls"u8);
            for (var i = start; i < end; i++)
            {
                if (items[i] is not Item.ToolCall call) continue;

                json.WriteStartObject();
                json.WriteString("id"u8, call.CallId);
                ChatReplyWriter.WriteCall(call, call.Arguments, json);
                ChatReplyWriter.WriteSeal(isOpenAi ? null : call.Seal, json);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private void WriteOther(Item item)
    {
        json.WriteStartObject();
        switch (item)
        {
            case Item.Message { Role: Role.User } m:
                json.WriteString("role"u8, "user"u8);
                WriteName(m);
                WriteUser(m.Parts);
                break;
            case Item.Message m:
                // Servers that are not OpenAI's seldom know the role developer, and say system for the same.
                json.WriteString("role"u8, m.Role == Role.Developer && isOpenAi ? "developer"u8 : "system"u8);
                WriteName(m);
                WriteTexts(TextsOf(m.Parts, "A system message"), isNullable: false);
                break;
            case Item.ToolResult r:
                json.WriteString("role"u8, "tool"u8);
                json.WriteString("tool_call_id"u8, r.CallId);
                WriteTexts(TextsOf(r), isNullable: false);
                break;
            default:
                throw new UnreachableException(item.GetType().Name);
        }

        json.WriteEndObject();
    }

    /// <param name="end">The index after the last result of a turn.</param>
    private void WritePictures(IReadOnlyList<Item> items, int end)
    {
        var first = end;
        while (first > 0 && items[first - 1] is Item.ToolResult)
        {
            first--;
        }

        var parts = new List<Part>();
        for (var i = first; i < end; i++)
        {
            var result = (Item.ToolResult)items[i];
            if (!result.Parts.Any(static part => part is Part.Image)) continue;

            parts.Add(new Part.Text($"From tool call {result.CallId}:"));
            parts.AddRange(result.Parts.Where(static part => part is Part.Image));
        }

        if (parts.Count == 0) return;

        json.WriteStartObject();
        json.WriteString("role"u8, "user"u8);
        WriteUser(parts);
        json.WriteEndObject();
    }

    private void WriteName(Item.Message message)
    {
        if (message.Name is null) return;

        json.WriteString("name"u8, message.Name);
    }

    /// <summary>Some servers refuse a result that is empty.</summary>
    private static List<string> TextsOf(Item.ToolResult result)
    {
        var texts = result.Parts.OfType<Part.Text>().Select(static text => text.Value).ToList();
        return texts.Count == 0 && result.Parts.Count > 0 ? ["See the pictures below."] : texts;
    }

    private static List<string> TextsOf(IReadOnlyList<Part> parts, string what)
    {
        var texts = new List<string>(parts.Count);
        foreach (var part in parts)
        {
            texts.Add(part is Part.Text text ? text.Value : throw DialectException.Invalid("messages", $"{what} is only text."));
        }

        return texts;
    }

    /// <summary>One text is written as such, which every server reads.</summary>
    private void WriteTexts(List<string> texts, bool isNullable)
    {
        if (texts.Count == 0 && isNullable)
        {
            json.WriteNull("content"u8);
        }
        else if (texts.Count <= 1)
        {
            json.WriteString("content"u8, texts.Count == 0 ? "" : texts[0]);
        }
        else
        {
            json.WriteStartArray("content"u8);
            texts.ForEach(WriteTextPart);
            json.WriteEndArray();
        }
    }

    private void WriteUser(IReadOnlyList<Part> parts)
    {
        if (parts is [Part.Text only])
        {
            json.WriteString("content"u8, only.Value);
            return;
        }

        json.WriteStartArray("content"u8);
        foreach (var part in parts)
        {
            switch (part)
            {
                case Part.Text text:
                    WriteTextPart(text.Value);
                    break;
                case Part.Image image:
                    WriteImage(image);
                    break;
                default:
                    throw DialectException.Invalid("messages", "A refusal is said by the assistant, not by the user.");
            }
        }

        json.WriteEndArray();
    }

    private void WriteTextPart(string text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
    }

    private void WriteImage(Part.Image image)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "image_url"u8);
        json.WriteStartObject("image_url"u8);
        json.WritePropertyName("url"u8);
        if (image.Data is null)
        {
            json.WriteStringValue(image.Url ?? throw DialectException.Invalid("messages", "An image has a URL or its bytes."));
        }
        else
        {
            // In pieces: megabytes are not put together first.
            json.WriteStringValueSegment($"data:{image.MediaType ?? "image/png"};base64,", isFinalSegment: false);
            json.WriteStringValueSegment(image.Data, isFinalSegment: true);
        }

        if (image.Detail is not null)
        {
            json.WriteString("detail"u8, image.Detail);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
