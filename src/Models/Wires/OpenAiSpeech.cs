using System.Buffers;
using System.Text.Json;
using Agora.Models.Json;

namespace Agora.Models.Wires;

/// <summary>Speech of OpenAI, and of the servers that speak like it.</summary>
internal sealed class OpenAiSpeech : ISpeechWire
{
    public string PathOf(string model) => "audio/speech";

    public void Write(SpeechRequest request, string model, IBufferWriter<byte> into)
    {
        using var json = new Utf8JsonWriter(into, ChatJson.Writing);
        json.WriteStartObject();
        json.WriteString("model"u8, model);
        json.WriteString("input"u8, request.Input);
        json.WriteString("voice"u8, request.Voice);
        if (request.Instructions is { } instructions)
        {
            json.WriteString("instructions"u8, instructions);
        }

        json.WriteString("response_format"u8, request.SoundFormat);
        if (request.Speed is { } speed)
        {
            json.WriteNumber("speed"u8, speed);
        }

        json.WriteEndObject();
    }
}
