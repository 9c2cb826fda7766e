using System.Buffers;
using System.Diagnostics;
using System.Net.WebSockets;
using Agora.Application.Calls;
using Agora.Application.Conversations;
using Agora.Application.Operations;
using Agora.Core.Conversations;
using Agora.Core.Kernel;
using Agora.Grains.Kernel;
using Agora.Web;

namespace Agora.Api.Conversations.Sockets;

/// <summary>
/// An agent's WebSocket. It tells what the inbox has, as far as its client gave credits, and takes what the client says, in order and many at a time.
/// <para>NothingKept: whoever reads slowly costs its own delay. Of what the client sends no more is read while <see cref="TalkLimits.SaidAtOnce"/> answers are not sent, and no page is read before the one before is sent.</para>
/// <para>OneEnd: the first reason to close stands. What was said before is answered, then the close is sent, and after <see cref="TalkLimits.CloseWithin"/> the connection is cut off.</para>
/// </summary>
internal sealed class InboxSocket(WebSocket web, IFrames frames, ParentRequest parent, Tenant tenant, PlaceOwner owner, InboxListener listener, SocketCalls calls, BodyPlaces places, TimeProvider time)
{
    private const int FirstBytes = 4_096;
    private const long Never = 0;

    /// <summary>A buffer that one large frame has made larger than this is not kept.</summary>
    private const int KeptBytes = 256 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    private readonly Queue<Outgoing> _out = new(); // its lock guards the two behind it
    private bool _writes;
    private bool _isComplete;
    private readonly TaskCompletionSource _written = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _slots = new(TalkLimits.SaidAtOnce);
    private readonly CancellationTokenSource _over = new();
    private readonly Credits _credits = new();
    private readonly SemaphoreSlim _looks = new(1);
    private CredentialState? _credential;
    private InOrder? _last;
    private Task _answering = Task.CompletedTask;
    private Task _telling = Task.CompletedTask;
    private bool _listens;
    private SocketEnd? _end;
    private long _endedAt;
    private long _messageBegan;

    public async Task Serve()
    {
        try
        {
            await Read();
        }
        catch (WebSocketException e) when (e.WebSocketErrorCode is not WebSocketError.ConnectionClosedPrematurely)
        {
            // What came is no frame, and the close that says so was sent by whoever read it: an abort would overtake that.
        }
        catch (Exception e) when (IsGone(e))
        {
            web.Abort(); // whoever comes again goes on from its cursor
        }
        catch (Exception e)
        {
            End(SocketEnd.Of(calls.Failed(e)));
        }

        End(SocketEnd.Done);
        await _written.Task;
        await _telling;
        await _looks.WaitAsync(); // for good: with this the request ends, and nothing is asked with it any more
    }

    public void End(SocketEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, end, null) is not null) return;

        Volatile.Write(ref _endedAt, time.GetTimestamp());
        _over.Cancel();
        _ = Finish(end);
    }

    /// <summary>Once a second: whether what its client began, or the close, is late.</summary>
    public void Look()
    {
        if (Volatile.Read(ref _endedAt) is not Never and var ended)
        {
            if (time.GetElapsedTime(ended) >= TalkLimits.CloseWithin)
            {
                web.Abort();
            }

            return;
        }

        if (Volatile.Read(ref _messageBegan) is not Never and var began && time.GetElapsedTime(began) >= TalkLimits.FrameWithin)
        {
            End(SocketEnd.TooSlow);
        }
    }

    /// <summary>Streams on which its credential rests, as far as is known. Null: it has to be looked at.</summary>
    public IReadOnlyList<StreamId>? RestsOn => _credential is { RestsOn: { } streams } known && !(known.Until <= time.GetUtcNow()) ? streams : null;

    /// <summary>Whether the credential still opens. Where that cannot be told, it does.</summary>
    public async Task LookAtCredential()
    {
        if (HasEnded || !_looks.Wait(0)) return;

        try
        {
            _credential = await calls.Look(parent);
            if (_credential.Ended is { } refused)
            {
                End(SocketEnd.Of(refused));
            }
        }
        finally
        {
            _looks.Release();
        }
    }

    private bool HasEnded => Volatile.Read(ref _end) is not null;

    private static bool IsGone(Exception e) => e is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    /// <summary>What was said is answered first.</summary>
    private async Task Finish(SocketEnd end)
    {
        for (var n = 0; n < TalkLimits.SaidAtOnce; n++) await _slots.WaitAsync();
        Put(new(null, end));
    }

    private async Task Read()
    {
        while (true)
        {
            // No buffer is held as long as nothing comes.
            var began = await web.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
            if (began.MessageType == WebSocketMessageType.Close) return;

            using var message = new RentedBytes(FirstBytes);
            var (type, place) = await ReadMessage(message, began);
            using var held = place;
            if (type == WebSocketMessageType.Close) return;
            if (HasEnded) continue;

            if (message.Length > TalkLimits.FrameBytes)
            {
                End(SocketEnd.TooLong);
            }
            else if (type != frames.Type)
            {
                End(SocketEnd.WrongType);
            }
            else
            {
                await Take(message.Written);
            }
        }
    }

    /// <summary>A whole one; of one that is too long only so much that it is seen, and the rest of it as the next.</summary>
    /// <returns>The message's type, and the place it takes among the bodies of requests. The place is null if the message is short, and also if there is no room for it, which ends the connection.</returns>
    private async Task<(WebSocketMessageType Type, FairPlaces.Place? Place)> ReadMessage(RentedBytes message, ValueWebSocketReceiveResult last)
    {
        Volatile.Write(ref _messageBegan, time.GetTimestamp());
        FairPlaces.Place? place = null;
        try
        {
            while (!last.EndOfMessage && message.Length <= TalkLimits.FrameBytes)
            {
                last = await web.ReceiveAsync(message.Room(), CancellationToken.None);
                message.Advance(last.Count);
                if (place is not null || HasEnded || !BodyPlaces.AreWanted(message.Length)) continue;

                Volatile.Write(ref _messageBegan, Never); // the client is not the one that is slow
                place = await PlaceOf(TalkLimits.FrameBytes);
                Volatile.Write(ref _messageBegan, time.GetTimestamp());
                if (place is null)
                {
                    End(SocketEnd.NoRoom);
                }
            }
        }
        catch
        {
            place?.Dispose();
            throw;
        }

        Volatile.Write(ref _messageBegan, Never);
        place?.ShrinkTo(message.Length);
        return (last.MessageType, place);
    }

    /// <summary>A client that has said much waits for the room that its own words take. No more is read meanwhile.</summary>
    private async Task<FairPlaces.Place?> PlaceOf(int bytes)
    {
        if (places.Begin(owner, bytes) is { } place) return place;

        await _answering;
        return places.Begin(owner, bytes);
    }

    private async Task Take(ReadOnlyMemory<byte> message)
    {
        var findings = new Findings();
        switch (frames.Read(message, findings))
        {
            case ClientFrame.Listen frame:
                Listen(frame);
                break;
            case ClientFrame.Credit frame:
                if (!_listens || !_credits.Give(frame.Credits))
                {
                    End(SocketEnd.TooManyCredits);
                }

                break;
            case ClientFrame.Say frame:
                // Also for a short one: many are held for one connection, until they are answered.
                var place = await PlaceOf(message.Length);
                if (!await Ask(turn => calls.Say(parent, frame, place, turn)))
                {
                    place?.Dispose();
                }

                break;
            case ClientFrame.Acknowledge frame:
                await Ask(turn => calls.Acknowledge(parent, frame, turn));
                break;
            case null:
                End(SocketEnd.Malformed(findings));
                break;
            default:
                throw new UnreachableException();
        }
    }

    private void Listen(ClientFrame.Listen frame)
    {
        if (_listens)
        {
            End(SocketEnd.ListensAlready);
            return;
        }

        _listens = true;
        _credits.Give(frame.Credits);
        _telling = Tell(frame.After);
    }

    /// <returns>False if the connection ends: what had not begun is not done, and not answered.</returns>
    private async Task<bool> Ask(Func<InOrder, Task<ServerFrame>> ask)
    {
        try
        {
            await _slots.WaitAsync(_over.Token);
        }
        catch (OperationCanceledException)
        {
            return false;
        }

        var turn = _last = new(_last?.Sent ?? Task.CompletedTask);
        _answering = Answer();
        return true;

        async Task Answer()
        {
            await Task.Yield(); // the next one is read meanwhile
            try
            {
                Put(new(await ask(turn), null, HoldsSlot: true));
            }
            catch (Exception e)
            {
                _slots.Release();
                End(SocketEnd.Of(calls.Failed(e)));
            }
        }
    }

    private async Task Tell(string? after)
    {
        try
        {
            if (await listener.Begin(after, cursor => calls.PlaceOf(cursor, tenant), _over.Token) is not { } from)
            {
                End(SocketEnd.NoPlace);
                return;
            }

            Put(new(new ServerFrame.Listening(calls.CursorOf(from, tenant)), null));
            while (!HasEnded)
            {
                var credits = await _credits.Some.WaitAsync(_over.Token);
                if (await listener.Read(from, Math.Min(credits, Limits.PageMax), _over.Token) is not { } page)
                {
                    End(SocketEnd.NoPlace);
                    return;
                }

                _credits.Take(page.Entries.Count);
                // After the end no part of the page follows. Entries without room were not sent, and a later cursor would pass over them.
                for (var told = 0; told < page.Entries.Count && !HasEnded;) told += await Tell(page.Entries, told);
                from = page.Next;
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody is told any more.
        }
        catch (Exception e)
        {
            End(SocketEnd.Of(calls.Failed(e)));
        }
    }

    /// <summary>Some of a page: when it is sent.</summary>
    private async Task<int> Tell(IReadOnlyList<ToldEntry> page, int from)
    {
        var (entries, bytes) = (new List<InboxEntryData>(), 0);
        while (from + entries.Count < page.Count && bytes < TalkLimits.ToldBytes)
        {
            var entry = InboxEntryData.Of(page[from + entries.Count].Entry);
            entries.Add(entry);
            bytes += entry.Content?.Utf8.Length ?? 0;
        }

        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cursor = calls.CursorOf(page[from + entries.Count - 1].Place, tenant);
        Put(new(new ServerFrame.Told(entries, cursor), null, Sent: sent));
        await sent.Task;
        return entries.Count;
    }

    /// <summary>It is sent behind what was put before; behind the end, and where the connection is gone, nothing is sent any more.</summary>
    private void Put(Outgoing next)
    {
        lock (_out)
        {
            if (!_isComplete)
            {
                _out.Enqueue(next);
                _isComplete = next.End is not null;
                if (_writes) return;

                _writes = true;
                _ = Write();
                return;
            }
        }

        Settle(next);
    }

    private bool Take(out Outgoing next)
    {
        lock (_out)
        {
            if (_out.TryDequeue(out next)) return true;

            _writes = false;
            _out.TrimExcess(); // an idle connection keeps none of it
            return false;
        }
    }

    private async Task Write()
    {
        await Task.Yield(); // out of the lock in which it began
        try
        {
            while (Take(out var next)) await Send(next);
        }
        catch (Exception e)
        {
            if (!IsGone(e))
            {
                calls.Failed(e);
            }

            web.Abort();
            lock (_out) _isComplete = true;
            while (Take(out var unsent)) Settle(unsent);
            End(SocketEnd.Done); // what is under way ends before the connection does
        }
    }

    private async Task Send(Outgoing next)
    {
        byte[]? rented = null;
        try
        {
            if (next.End is { } end)
            {
                if (web.State is WebSocketState.Aborted) return; // it is closed already

                await web.CloseOutputAsync((WebSocketCloseStatus)end.Code, end.Reason, CancellationToken.None);
                return;
            }

            (rented, var length) = Written(next.Frame!);
            using var place = UnreadReplies.Begin(owner, length);
            if (place is null)
            {
                End(SocketEnd.TooMuchUnread);
                return;
            }

            await web.SendAsync(rented.AsMemory(0, length), frames.Type, endOfMessage: true, CancellationToken.None);
        }
        finally
        {
            if (rented is not null)
            {
                ArrayPool<byte>.Shared.Return(rented);
            }

            Settle(next);
        }
    }

    /// <summary>Into a buffer of this thread, and from there into one that is held until it is sent.</summary>
    private (byte[] Rented, int Length) Written(ServerFrame frame)
    {
        var buffer = _buffer is { Capacity: <= KeptBytes } kept ? kept : _buffer = new(FirstBytes);
        buffer.ResetWrittenCount();
        frames.Write(buffer, frame);
        var rented = ArrayPool<byte>.Shared.Rent(buffer.WrittenCount);
        buffer.WrittenSpan.CopyTo(rented);
        return (rented, buffer.WrittenCount);
    }

    private void Settle(Outgoing done)
    {
        done.Sent?.TrySetResult();
        if (done.HoldsSlot)
        {
            _slots.Release();
        }

        if (done.End is not null)
        {
            _written.TrySetResult();
        }
    }

    /// <param name="Frame">Null: the end.</param>
    /// <param name="HoldsSlot">It answers something that was under way until it is sent.</param>
    private readonly record struct Outgoing(ServerFrame? Frame, SocketEnd? End, bool HoldsSlot = false, TaskCompletionSource? Sent = null);
}
