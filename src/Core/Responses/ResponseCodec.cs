using System.Text.Json;
using Agora.Core.Kernel;

namespace Agora.Core.Responses;

/// <summary>Stored names, for ever.</summary>
public static class ResponseCodec
{
    public static readonly UnionCodec<ResponseEvent> Events = new UnionCodec<ResponseEvent>()
        .Case<ResponseEvent.Begun>("response.begun", personal: e => e.Asked, with: (e, asked) => e with { Asked = asked })
        .Case<ResponseEvent.Said>("response.said", personal: e => e.Part, with: (e, part) => e with { Part = part })
        .Case<ResponseEvent.Ended>("response.ended")
        .Case<ResponseEvent.Deleted>("response.deleted");

    public static readonly UnionCodec<ResponseCommand> Commands = new UnionCodec<ResponseCommand>()
        .Case<ResponseCommand.Begin>("response.begin")
        .Case<ResponseCommand.Say>("response.say")
        .Case<ResponseCommand.End>("response.end")
        .Case<ResponseCommand.Delete>("response.delete")
        .Case<ResponseCommand.Get>("response.get")
        .Case<ResponseCommand.Tick>("response.tick");

    public static byte[] Save(ResponseState s) => JsonSerializer.SerializeToUtf8Bytes(new Saved(s.Stream.ToString(), s.View), StoredJson.Options);

    public static ResponseState Restore(ReadOnlyMemory<byte> saved)
    {
        var s = JsonSerializer.Deserialize<Saved>(saved.Span, StoredJson.Options)!;
        return new(StreamId.Parse(s.Stream), s.View);
    }

    private sealed record Saved(string Stream, ResponseView? View);
}
