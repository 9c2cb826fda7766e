using System.Globalization;

namespace Agora.Core.Kernel;

/// <summary>
/// Dates as text, as accounts are named by them. The last one is remembered, for a run is mostly on the day of the run before
/// it; what is remembered is only ever the text of its own date.
/// </summary>
/// <param name="format">Of a date, without a time.</param>
public sealed class DateNames(string format)
{
    private Named _last = new(DateOnly.MinValue, DateOnly.MinValue.ToString(format, CultureInfo.InvariantCulture));

    public string Of(DateTime at)
    {
        var (named, date) = (_last, DateOnly.FromDateTime(at));
        if (named.Date != date)
        {
            _last = named = new(date, date.ToString(format, CultureInfo.InvariantCulture));
        }

        return named.Text;
    }

    private sealed record Named(DateOnly Date, string Text);
}
