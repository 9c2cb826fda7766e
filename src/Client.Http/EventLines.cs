using System.Runtime.CompilerServices;
using System.Text;

namespace Agora.Client.Http;

/// <param name="Id">Where a stream goes on behind the event.</param>
internal sealed record ServerEvent(string Id, string Data);

/// <summary>Server-sent events (the HTML standard, section 9.2) as far as Agora sends them. What was cut off in the middle of an event is none.</summary>
internal static class EventLines
{
    /// <param name="silence">Without a line for so long the connection is taken for dead: a server that lives says so more often.</param>
    public static async IAsyncEnumerable<ServerEvent> Read(Stream stream, TimeSpan silence, TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var clock = new CancellationTokenSource(silence, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(clock.Token, cancel);
        using var lines = new StreamReader(stream, Encoding.UTF8);
        var (id, data) = ((string?)null, (string?)null);
        while (await lines.ReadLineAsync(either.Token) is { } line)
        {
            clock.CancelAfter(silence);
            if (line.Length == 0 && id is not null && data is not null)
            {
                yield return new(id, data);
            }

            (id, data) = line switch
            {
                "" => (null, null),
                _ when line.StartsWith("id: ", StringComparison.Ordinal) => (line[4..], data),
                _ when line.StartsWith("data: ", StringComparison.Ordinal) => (id, data is null ? line[6..] : $"{data}\n{line[6..]}"),
                _ => (id, data),
            };
        }
    }
}
