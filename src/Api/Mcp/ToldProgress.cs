using System.Threading.Channels;
using Agora.Grains.Upstreams;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace Agora.Api.Mcp;

/// <summary>Tells a client how far its call is, in the order in which it was heard, and nothing after the answer. Whoever reads slowly misses what was overtaken.</summary>
internal sealed class ToldProgress : IAsyncDisposable
{
    private const int Waiting = 64;

    private readonly Channel<ProgressNote> _notes = Channel.CreateBounded<ProgressNote>(new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly Task _telling;

    private ToldProgress(McpServer server, ProgressToken token, CancellationToken cancel) => _telling = All(server, token, cancel);

    /// <summary>Null: the client does not ask.</summary>
    public static ToldProgress? Of(McpServer server, ProgressToken? token, CancellationToken cancel) => token is { } asked ? new(server, asked, cancel) : null;

    public void Tell(ProgressNote note) => _notes.Writer.TryWrite(note);

    public async ValueTask DisposeAsync()
    {
        _notes.Writer.Complete();
        await _telling;
    }

    private async Task All(McpServer server, ProgressToken token, CancellationToken cancel)
    {
        var (last, isGone) = (double.NegativeInfinity, false);
        await foreach (var note in _notes.Reader.ReadAllAsync(CancellationToken.None))
        {
            if (isGone || note.Progress <= last) continue; // the protocol wants it to rise

            last = note.Progress;
            try
            {
                await server.NotifyProgressAsync(token, new() { Progress = (float)note.Progress, Total = (float?)note.Total }, cancellationToken: cancel);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or ObjectDisposedException or InvalidOperationException)
            {
                isGone = true; // the client has left; its run goes on
            }
        }
    }
}
