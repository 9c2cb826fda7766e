using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json;
using Agora.Fuzz.Grammar;
using Agora.Fuzz.Wire;

namespace Agora.Fuzz;

/// <summary>One of the connections: says inputs, several at once where they are pipelined, and hears what comes.</summary>
internal sealed class Speaker(Uri address, Known known, Tally tally) : IDisposable
{
    private readonly Wire.Wire _wire = new(address);

    public void Dispose() => _wire.Dispose();

    public async Task Say(IReadOnlyList<Input> inputs, Random random)
    {
        // Nothing can be pipelined behind what ends its connection.
        var last = inputs.TakeWhile(i => !i.Closes).Count();
        var said = inputs.Take(last + 1).ToList();
        var started = Stopwatch.GetTimestamp();
        try
        {
            await _wire.Send(said.SelectMany(i => i.Bytes).ToArray(), andNoMore: said[^1].Closes && !said[^1].EndsEarly && random.Next(2) == 0);
            foreach (var input in said)
            {
                tally.Count();
                if (input.EndsEarly || (input.Closes && random.Next(8) == 0))
                {
                    _wire.Close();
                    return;
                }

                // What lacks a part of its body may be waited for by both sides.
                var heard = input.Closes ? await HearOrHangUp(input) : await _wire.Hear(input.Method);
                Judge(input, heard, Stopwatch.GetElapsedTime(started), random);
                if (heard.Ends || input.Closes)
                {
                    _wire.Close();
                    return;
                }
            }
        }
        catch (SocketException e)
        {
            tally.Find($"nobody listens any more ({e.SocketErrorCode}) after:\n{said[^1]}", isEnd: true);
        }
        catch (TimeoutException)
        {
            _wire.Close();
            tally.Find($"neither taken nor answered within 40 s:\n{said[^1]}");
        }
        catch (FormatException e)
        {
            _wire.Close();
            tally.Find($"a reply that is none ({e.Message}) to:\n{said[^1]}");
        }
    }

    private async Task<Heard> HearOrHangUp(Input input)
    {
        var heard = _wire.Hear(input.Method);
        if (await Task.WhenAny(heard, Task.Delay(TimeSpan.FromMilliseconds(300))) == heard) return await heard;

        _wire.Close();
        return await heard;
    }

    private void Judge(Input input, Heard heard, TimeSpan took, Random random)
    {
        tally.Count(heard.Status, took, input.Route);
        if (heard.Status == 500)
        {
            tally.Find($"500 to:\n{input}\n{heard.Body}");
        }
        else if (heard.Status != 0 && heard.Body.Length > 0 && IsJson(heard) is false)
        {
            tally.Find($"a reply of {heard.Status} that says it is JSON and is not, to:\n{input}\n{heard.Body}");
        }
        else if (heard.Status is >= 200 and < 300 && heard.Body.Length < 100_000)
        {
            known.Learn(heard.Body, random);
        }
    }

    /// <summary>Null: it does not say that it is.</summary>
    private static bool? IsJson(Heard heard)
    {
        if (Wire.Wire.Value(heard.Headers, "Content-Type") is not { } type || !type.StartsWith("application/json", StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(heard.Body, new() { MaxDepth = 256 });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
