using System.Buffers;
using System.Text;
using Agora.Models.Dialects;
using Agora.Models.Wires;

namespace Agora.Models.Tests.OfResponses;

/// <summary>Bytes of valid bodies are changed at random, by a fixed seed: whatever comes in, only the documented exception comes out.</summary>
public sealed class MutationTests
{
    private const int Seed = 20_260_101;

    private static readonly string[] Pieces = ["\"", "\\", "\\ud800", "null", "-1", "1e999", "[", "]", "{", "}", ",", ":", "true", "\u00e9", "99999999999", "\"type\":", "\"text\"", "\"id\":\"x\","];

    [Fact]
    public void Mutated_requests_are_read_or_refused()
    {
        var random = new Random(Seed);
        var (dialect, wire, taken) = (new Dialects.Responses(), new ResponsesWire(), 0);
        byte[][] bodies = [.. new[] { CodexRequests.Plain, CodexRequests.WithLaterTools, Small }.Select(Encoding.UTF8.GetBytes)];
        for (var i = 0; i < 20_000; i++)
        {
            // The small one is read most, for there a change is seldom within a text.
            var body = Mutated(bodies[i % 10 == 0 ? i / 10 % 2 : 2], random);
            try
            {
                var request = dialect.Read(body);
                wire.Write(request, "m", 10, new ArrayBufferWriter<byte>());
                dialect.Write(request, Speaking.Head, new(null, null, request.Items, null, Finish.Stop), new ArrayBufferWriter<byte>());
                taken++;
            }
            catch (DialectException)
            {
            }
        }

        Assert.InRange(taken, 500, 19_500);
    }

    [Fact]
    public void Mutated_streams_are_read_or_InvalidData()
    {
        var random = new Random(Seed);
        var (wire, taken) = (new ResponsesWire(), 0);
        byte[][] events = [.. WireTests.Events.Select(Encoding.UTF8.GetBytes)];
        for (var i = 0; i < 5_000; i++)
        {
            var (stream, into, builder) = (wire.Stream(), new List<ModelEvent>(), new ReplyBuilder());
            try
            {
                foreach (var said in events)
                {
                    stream.Read(random.Next(10) == 0 ? Mutated(said, random) : said, into);
                }

                into.ForEach(builder.Add);
                Speaking.Streamed(Asked, into);
                taken++;
            }
            catch (InvalidDataException)
            {
            }

            Read(wire, Mutated(events[^1], random));
        }

        Assert.InRange(taken, 50, 4_950);
    }

    private const string Small = """
        {"model":"m","instructions":"i","store":false,"include":["reasoning.encrypted_content"],"reasoning":{"effort":"low","summary":"auto"},"text":{"format":{"type":"json_object"}},"metadata":{"a":"\u00e9"},
         "tools":[{"type":"function","name":"f","parameters":{},"strict":true},{"type":"namespace","name":"n","tools":[{"type":"custom","name":"c","format":{"type":"grammar","syntax":"lark","definition":"d"}}]}],
         "tool_choice":{"type":"function","name":"f"},"max_output_tokens":9,"temperature":1,
         "input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AAAA","detail":"low"}]},{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"E"},
          {"type":"function_call","call_id":"c","name":"f","arguments":"{}","namespace":"n"},{"type":"function_call_output","call_id":"c","output":[{"type":"input_text","text":"r"}]},{"role":"assistant","content":"b","phase":"commentary"}]}
        """;

    private static readonly ModelRequest Asked = Speaking.Read("""{"model":"m","input":"hi"}""");

    private static void Read(ResponsesWire wire, byte[] body)
    {
        wire.ReadError(500, body, null);
        try
        {
            wire.Read(body);
        }
        catch (InvalidDataException)
        {
        }
    }

    private static byte[] Mutated(byte[] valid, Random random)
    {
        var bytes = new List<byte>(valid);
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 30), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]));
                    break;
                case 3:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 60), bytes.Count - at)));
                    break;
                default:
                    // A letter for another, so that names and words become unknown ones.
                    if (char.IsAsciiLetterOrDigit((char)bytes[at]))
                    {
                        bytes[at] = (byte)"abefnrst0159"[random.Next(12)];
                    }

                    break;
            }

            if (bytes.Count == 0)
            {
                bytes.Add((byte)'{');
            }
        }

        return [.. bytes];
    }
}
