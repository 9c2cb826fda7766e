using System.Globalization;
using Agora.Replay.Checking;

namespace Agora.Silo.Verbs;

/// <summary>How far a check is: a bar that is drawn over itself on a terminal, elsewhere a line each <see cref="LineSeconds"/> seconds.</summary>
internal sealed class ProgressLine(TextWriter error, bool isTerminal, TimeProvider time) : IDisposable
{
    private const int Width = 30;
    private const int LineSeconds = 10;
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(200);

    private readonly long _start = time.GetTimestamp();
    private TimeSpan _shownAt;
    private bool _drawn;

    public void Show(CheckProgress progress)
    {
        var now = time.GetElapsedTime(_start);
        if (now - _shownAt < (isTerminal ? Redraw : TimeSpan.FromSeconds(LineSeconds))) return;

        _shownAt = now;
        if (isTerminal)
        {
            var full = (int)(progress.Part * Width);
            error.Write(string.Create(CultureInfo.InvariantCulture, $"\r\e[K[{new string('#', full)}{new string('.', Width - full)}] {progress.Part:0 %} {progress.Phase}, {progress.Rows} rows"));
            _drawn = true;
        }
        else
        {
            error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{now.TotalSeconds:0} s: {progress.Phase} {progress.Part:0 %}, {progress.Rows} rows"));
        }
    }

    /// <summary>Room for a line of the result.</summary>
    public void Clear()
    {
        if (_drawn)
        {
            error.Write("\r\e[K");
            _drawn = false;
        }
    }

    public void Dispose() => Clear();
}
