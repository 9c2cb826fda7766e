using System.Text;
using System.Text.Json;
using Agora.ScriptedModels;

namespace Agora.Models.Tests.Scripted;

/// <summary>What a client makes of an answer.</summary>
/// <param name="Usage">In buckets that share nothing; null: it was not told.</param>
internal sealed record Heard(string Id, string Text, string Reasoning, string Call, string Arguments, string Finish, Counts? Usage)
{
    public static Heard OfWhole(string name, JsonElement reply)
    {
        var heard = new Listener(name);
        switch (name)
        {
            case Talk.Chat:
                var choice = reply.GetProperty("choices")[0];
                heard.Chat(choice.GetProperty("message"));
                heard.Finish = choice.GetProperty("finish_reason").GetString()!;
                break;
            case Talk.Responses:
                heard.Response(reply);
                break;
            case Talk.Messages:
                foreach (var block in reply.GetProperty("content").EnumerateArray())
                {
                    heard.Block(block);
                }

                heard.Finish = reply.GetProperty("stop_reason").GetString()!;
                break;
            default:
                heard.Candidate(reply);
                break;
        }

        heard.Id = reply.GetProperty(name == Talk.Generate ? "responseId" : "id").GetString()!;
        heard.Told(reply);
        return heard.Heard;
    }

    public static Heard OfEvents(string name, IReadOnlyList<string> events)
    {
        var heard = new Listener(name);
        foreach (var data in events.Where(static data => data != "[DONE]"))
        {
            heard.Event(JsonElement.Parse(data));
        }

        return heard.Heard;
    }

    private sealed class Listener(string name)
    {
        private readonly StringBuilder _text = new(), _reasoning = new(), _arguments = new();
        private string _call = "";
        private Counts? _usage;

        public string Id { get; set; } = "";

        public string Finish { get; set; } = "";

        public Heard Heard => new(Id, _text.ToString(), _reasoning.ToString(), _call, _arguments.ToString(), Finish, _usage);

        public void Event(JsonElement sent)
        {
            switch (name)
            {
                case Talk.Chat:
                    Id = sent.GetProperty("id").GetString()!;
                    foreach (var choice in sent.GetProperty("choices").EnumerateArray())
                    {
                        Chat(choice.GetProperty("delta"));
                        Finish = choice.GetProperty("finish_reason").GetString() ?? Finish;
                    }

                    Told(sent);
                    break;
                case Talk.Responses:
                    ResponseEvent(sent);
                    break;
                case Talk.Messages:
                    MessageEvent(sent);
                    break;
                default:
                    Id = sent.GetProperty("responseId").GetString()!;
                    Candidate(sent);
                    Told(sent);
                    break;
            }
        }

        public void Chat(JsonElement message)
        {
            _text.Append(TextOf(message, "content")).Append(TextOf(message, "refusal"));
            _reasoning.Append(TextOf(message, "reasoning_content"));
            if (!message.TryGetProperty("tool_calls", out var calls)) return;

            var function = calls[0].GetProperty("function");
            _call += TextOf(function, "name");
            _arguments.Append(TextOf(function, "arguments"));
        }

        public void Response(JsonElement response)
        {
            foreach (var item in response.GetProperty("output").EnumerateArray())
            {
                switch (item.GetProperty("type").GetString())
                {
                    case "message":
                        _text.Append(TextOf(item.GetProperty("content")[0], "text")).Append(TextOf(item.GetProperty("content")[0], "refusal"));
                        break;
                    case "reasoning":
                        _reasoning.Append(item.GetProperty("summary").EnumerateArray().Select(static part => TextOf(part, "text")).FirstOrDefault());
                        break;
                    default:
                        _call = TextOf(item, "name");
                        _arguments.Append(TextOf(item, "arguments"));
                        break;
                }
            }

            Finish = response.GetProperty("status").GetString()!;
        }

        public void Block(JsonElement block)
        {
            _text.Append(TextOf(block, "text"));
            _reasoning.Append(TextOf(block, "thinking"));
            _call += TextOf(block, "name");
            _arguments.Append(TextOf(block, "partial_json"));
            if (block.TryGetProperty("input", out var input) && input.EnumerateObject().Any())
            {
                _arguments.Append(input.GetRawText());
            }
        }

        public void Candidate(JsonElement reply)
        {
            if (!reply.TryGetProperty("candidates", out var candidates)) return;

            foreach (var part in candidates[0].GetProperty("content").GetProperty("parts").EnumerateArray())
            {
                (part.TryGetProperty("thought", out _) ? _reasoning : _text).Append(TextOf(part, "text"));
                if (!part.TryGetProperty("functionCall", out var call)) continue;

                _call = TextOf(call, "name");
                _arguments.Append(call.GetProperty("args").GetRawText());
            }

            Finish = candidates[0].TryGetProperty("finishReason", out var finish) ? finish.GetString()! : Finish;
        }

        public void Told(JsonElement reply)
        {
            if (!reply.TryGetProperty(name == Talk.Generate ? "usageMetadata" : "usage", out var usage) || usage.ValueKind == JsonValueKind.Null)
            {
                return;
            }

            _usage = name switch
            {
                Talk.Messages => OfMessages(usage, _usage),
                Talk.Generate => OfGenerate(usage),
                _ => OfOpenAi(usage, name == Talk.Chat ? ("prompt", "completion") : ("input", "output")),
            };
        }

        private void ResponseEvent(JsonElement sent)
        {
            switch (sent.GetProperty("type").GetString())
            {
                case "response.created":
                    Id = sent.GetProperty("response").GetProperty("id").GetString()!;
                    break;
                case "response.output_text.delta" or "response.refusal.delta":
                    _text.Append(TextOf(sent, "delta"));
                    break;
                case "response.reasoning_summary_text.delta":
                    _reasoning.Append(TextOf(sent, "delta"));
                    break;
                case "response.function_call_arguments.delta":
                    _arguments.Append(TextOf(sent, "delta"));
                    break;
                case "response.output_item.added":
                    _call += TextOf(sent.GetProperty("item"), "name");
                    break;
                case "response.completed" or "response.incomplete":
                    Finish = sent.GetProperty("response").GetProperty("status").GetString()!;
                    Told(sent.GetProperty("response"));
                    break;
                default:
                    break;
            }
        }

        private void MessageEvent(JsonElement sent)
        {
            switch (sent.GetProperty("type").GetString())
            {
                case "message_start":
                    Id = sent.GetProperty("message").GetProperty("id").GetString()!;
                    Told(sent.GetProperty("message"));
                    break;
                case "content_block_start":
                    Block(sent.GetProperty("content_block"));
                    break;
                case "content_block_delta":
                    Block(sent.GetProperty("delta"));
                    break;
                case "message_delta":
                    Finish = sent.GetProperty("delta").GetProperty("stop_reason").GetString() ?? Finish;
                    Told(sent);
                    break;
                default:
                    break;
            }
        }

        private static Counts OfOpenAi(JsonElement usage, (string In, string Out) names)
        {
            JsonElement read = usage.GetProperty($"{names.In}_tokens_details"), wrote = usage.GetProperty($"{names.Out}_tokens_details");
            long cached = Of(read, "cached_tokens"), stored = Of(read, "cache_write_tokens"), heard = Of(read, "audio_tokens"), reasoned = Of(wrote, "reasoning_tokens"), spoken = Of(wrote, "audio_tokens");
            Assert.Equal(Of(usage, "total_tokens"), Of(usage, $"{names.In}_tokens") + Of(usage, $"{names.Out}_tokens"));
            return new Counts(Of(usage, $"{names.In}_tokens") - cached - stored - heard, cached, stored, 0, heard, Of(usage, $"{names.Out}_tokens") - reasoned - spoken, reasoned, spoken);
        }

        private static Counts OfMessages(JsonElement usage, Counts? before)
        {
            var thought = usage.GetProperty("output_tokens_details") is { ValueKind: JsonValueKind.Object } details ? Of(details, "thinking_tokens") : 0;
            var parts = usage.TryGetProperty("cache_creation", out var creation) ? (Of(creation, "ephemeral_5m_input_tokens"), Of(creation, "ephemeral_1h_input_tokens")) : (before!.CacheWrite, before.CacheWriteLong);
            Assert.Equal(Of(usage, "cache_creation_input_tokens"), parts.Item1 + parts.Item2);
            return new Counts(Of(usage, "input_tokens"), Of(usage, "cache_read_input_tokens"), parts.Item1, parts.Item2, 0, Of(usage, "output_tokens") - thought, thought);
        }

        private static Counts OfGenerate(JsonElement usage)
        {
            long cached = Of(usage, "cachedContentTokenCount"), heard = Audio(usage, "promptTokensDetails"), spoken = Audio(usage, "candidatesTokensDetails");
            var counts = new Counts(Of(usage, "promptTokenCount") - cached - heard, cached, 0, 0, heard, Of(usage, "candidatesTokenCount") - spoken, Of(usage, "thoughtsTokenCount"), spoken);
            Assert.Equal(Of(usage, "totalTokenCount"), counts.Total);
            return counts;
        }

        private static long Audio(JsonElement usage, string member) => usage.TryGetProperty(member, out var details)
            ? details.EnumerateArray().Where(static part => part.GetProperty("modality").GetString() == "AUDIO").Sum(static part => part.GetProperty("tokenCount").GetInt64())
            : 0;

        private static long Of(JsonElement usage, string member) => usage.TryGetProperty(member, out var tokens) ? tokens.GetInt64() : 0;

        private static string TextOf(JsonElement from, string member) => from.TryGetProperty(member, out var text) && text.ValueKind == JsonValueKind.String ? text.GetString()! : "";
    }
}
