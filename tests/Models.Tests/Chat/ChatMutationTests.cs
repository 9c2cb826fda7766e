using System.Text;
using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests.Chat;

/// <summary>Whatever bytes come: a reader returns, or throws what its contract names.</summary>
public sealed class ChatMutationTests
{
    private const int Rounds = 20_000;

    private static readonly string[] Tokens =
        ["{", "}", "[", "]", "\"", ",", ":", "null", "true", "-1", "1e999", "99999999999999999999", "0.5", "\\ud83d", "\\u0000", "\\", "\"\"", "{}", "[]", "\"type\":", "\"role\":\"tool\",", "\u00ff"];

    [Fact]
    public void Any_request_is_read_or_refused() => Both(Mutate([ChatSamples.Full], body =>
    {
        try
        {
            var request = new ChatCompletions().Read(body);
            ChatSamples.Sent(request, isOpenAi: false);
            return true;
        }
        catch (DialectException)
        {
            return false;
        }
    }));

    [Fact]
    public void Any_reply_is_read_or_InvalidData() => Both(Mutate([ChatSamples.Reply], body =>
    {
        try
        {
            var reply = new ChatWire(true).Read(body);
            ChatSamples.Written(into => new ChatCompletions().Write(ChatSamples.Request, ChatSamples.Head, reply, into));
            return true;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }));

    [Fact]
    public void Any_chunk_is_read_or_InvalidData() => Both(Mutate(ChatSamples.Chunks, chunk =>
    {
        var stream = new ChatWire(true).Stream();
        var written = new ChatCompletions().Stream(ChatSamples.Request, ChatSamples.Head);
        var events = new List<ModelEvent>();
        var isRead = true;
        try
        {
            stream.Read(ChatSamples.Bytes(ChatSamples.Chunks[5]), events);
            stream.Read(chunk, events);
            stream.Read(ChatSamples.Bytes(ChatSamples.Chunks[6]), events);
        }
        catch (InvalidDataException)
        {
            isRead = false;
        }

        // What was read fits together also where the next chunk did not.
        ChatSamples.Built(events);
        ChatSamples.Written(into => events.ForEach(said => written.Write(said, into)));
        return isRead;
    }));

    [Fact]
    public void Any_error_is_read() => Assert.Equal(Rounds, Mutate(
        ["""{"error":{"message":"Limit in org-abc","type":"t","param":"p","code":"c"}}""", """[{"error":"a"}]"""], body => new ChatWire(true).ReadError(429, body, null).Message.Length > 0));

    /// <summary>Were all of one kind, the mutations would prove nothing about the other.</summary>
    private static void Both(int taken) => Assert.InRange(taken, Rounds / 100, Rounds * 99 / 100);

    /// <returns>How many were read.</returns>
    private static int Mutate(string[] bodies, Func<ReadOnlyMemory<byte>, bool> read)
    {
        var taken = 0;
        var random = new Random(4711);
        for (var round = 0; round < Rounds; round++)
        {
            var body = Encoding.UTF8.GetBytes(bodies[random.Next(bodies.Length)]).ToList();
            for (var edits = random.Next(1, 4); edits > 0 && body.Count > 0; edits--)
            {
                var at = random.Next(body.Count);
                switch (random.Next(5))
                {
                    case 0:
                        body[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        body.RemoveRange(at, Math.Min(random.Next(1, 20), body.Count - at));
                        break;
                    case 2:
                        body.InsertRange(at, Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]));
                        break;
                    case 3:
                        body.InsertRange(at, body.GetRange(at, Math.Min(random.Next(1, 60), body.Count - at)));
                        break;
                    default:
                        Replace(body, at, Tokens[random.Next(Tokens.Length)]);
                        break;
                }
            }

            taken += read(body.ToArray()) ? 1 : 0;
        }

        return taken;
    }

    /// <summary>A whole value gives way to another: what comes out is often still JSON.</summary>
    private static void Replace(List<byte> body, int from, string token)
    {
        var start = body.IndexOf((byte)':', from);
        var end = start < 0 ? -1 : body.FindIndex(start, one => one is (byte)',' or (byte)'}' or (byte)']');
        if (end < 0) return;

        body.RemoveRange(start + 1, end - start - 1);
        body.InsertRange(start + 1, Encoding.UTF8.GetBytes(token));
    }
}
