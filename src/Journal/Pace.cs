namespace Agora.Journal;

/// <summary>Has whoever reads much beside others read no faster than so many rows a second. Used by one reader.</summary>
/// <param name="rowsPerSecond">At least 1.</param>
public sealed class Pace(int rowsPerSecond, TimeProvider time)
{
    private const int AtOnce = 256;

    private int _read;

    /// <summary>Returns at once but for each 256th row.</summary>
    public ValueTask Wait(int rows, CancellationToken cancel)
    {
        _read += rows;
        if (_read < AtOnce) return ValueTask.CompletedTask;

        var wait = TimeSpan.FromSeconds((double)_read / rowsPerSecond);
        _read = 0;
        return new ValueTask(Task.Delay(wait, time, cancel));
    }
}
