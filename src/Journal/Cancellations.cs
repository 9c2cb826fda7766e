namespace Agora.Journal;

/// <summary>
/// Ends what waits. All who listen are told, and what a database's driver throws meanwhile is passed over: Npgsql does so where it is told in the moment in which its connection breaks
/// (npgsql/npgsql issue 6415), and on a thread of the pool, or as a server stops, that would end the process in the midst of it.
/// </summary>
public static class Cancellations
{
    public static void Tell(this CancellationTokenSource over)
    {
        try
        {
            over.Cancel();
        }
        catch (AggregateException thrown) when (IsOfAClosedConnection(thrown))
        {
            // Its command ends by the connection.
        }
    }

    /// <summary>Away from the caller's thread, as <see cref="CancellationTokenSource.CancelAsync"/>.</summary>
    public static async Task TellAsync(this CancellationTokenSource over)
    {
        try
        {
            await over.CancelAsync();
        }
        catch (AggregateException thrown) when (IsOfAClosedConnection(thrown))
        {
            // Its command ends by the connection.
        }
    }

    private static bool IsOfAClosedConnection(AggregateException thrown) => thrown.Flatten().InnerExceptions.All(inner => inner is ObjectDisposedException);
}
