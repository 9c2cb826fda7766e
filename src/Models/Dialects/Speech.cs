using System.Buffers;
using System.Diagnostics;
using System.Text.Json;

namespace Agora.Models.Dialects;

/// <summary>OpenAI's speech (POST /v1/audio/speech). It is answered by bytes of sound; errors are those of its Chat Completions.</summary>
public sealed class Speech : IDialect
{
    private static readonly ChatCompletions Chat = new();
    private static readonly ChatPlace Body = new();

    public ModelRequest Read(ReadOnlyMemory<byte> body) => ChatCompletions.Read(body, Read);

    public void Write(ModelRequest request, ReplyHead head, ModelReply reply, IBufferWriter<byte> into) => throw new UnreachableException("Sound is passed on as it comes.");

    public IReplyStream Stream(ModelRequest request, ReplyHead head) => throw new UnreachableException("Sound is passed on as it comes.");

    public void WriteError(DialectFault fault, IBufferWriter<byte> into) => Chat.WriteError(fault, into);

    public int StatusOf(DialectErrorKind kind) => Chat.StatusOf(kind);

    private static SpeechRequest Read(JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object) throw DialectException.Invalid("", "The body is a JSON object.");

        var (model, input, voice, instructions, format, speed) = ((string?)null, (string?)null, (string?)null, (string?)null, (string?)null, (double?)null);
        foreach (var member in body.EnumerateObject())
        {
            var (name, value) = (member.Name, member.Value);
            switch (name)
            {
                case "model":
                    model = Body.Name(value, name);
                    break;
                case "input":
                    input = Spoken(value, name);
                    break;
                case "voice":
                    voice = Body.Name(value, name);
                    break;
                case "instructions":
                    instructions = Spoken(value, name);
                    break;
                case "response_format":
                    format = Body.OneOf(value, name, [.. SpeechFormats.Words]);
                    break;
                case "speed":
                    speed = Body.Number(value, name, 0.25, 4);
                    break;
                case "stream_format":
                    if (Body.Text(value, name) is not (null or "audio"))
                    {
                        throw Body.Refuse(name, "Sound is passed on as it comes, and not in events: 'stream_format' is audio.");
                    }

                    break;
                default:
                    throw Body.Unknown(name);
            }
        }

        if (string.IsNullOrEmpty(input)) throw Body.Missing("input");

        return new(model ?? throw Body.Missing("model"), input, voice ?? throw Body.Missing("voice")) { Instructions = instructions, SoundFormat = format ?? "mp3", Speed = speed };
    }

    private static string? Spoken(JsonElement value, string name) => Body.Text(value, name) is { Length: > ModelLimits.SpokenCharacters } ? throw Body.Refuse(name, $"'{name}' has at most {ModelLimits.SpokenCharacters} characters.") : Body.Text(value, name);
}
