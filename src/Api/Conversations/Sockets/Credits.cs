using Agora.Core.Conversations;

namespace Agora.Api.Conversations.Sockets;

/// <summary>Entries that a client is ready to be sent.</summary>
internal sealed class Credits
{
    private readonly Lock _gate = new();
    private TaskCompletionSource<int> _some = New();
    private int _now;

    /// <summary>When there are any, how many.</summary>
    public Task<int> Some
    {
        get { lock (_gate) return _now > 0 ? Task.FromResult(_now) : _some.Task; }
    }

    /// <returns>False: there would be more than <see cref="TalkLimits.Credits"/>.</returns>
    public bool Give(int more)
    {
        lock (_gate)
        {
            if (_now + more > TalkLimits.Credits) return false;

            _now += more;
            _some.TrySetResult(_now);
            return true;
        }
    }

    public void Take(int sent)
    {
        lock (_gate)
        {
            _now -= sent;
            if (_now == 0 && _some.Task.IsCompleted)
            {
                _some = New();
            }
        }
    }

    private static TaskCompletionSource<int> New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
