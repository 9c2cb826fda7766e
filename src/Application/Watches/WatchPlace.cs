using System.Globalization;

namespace Agora.Application.Watches;

/// <summary>
/// The place of an event in a dialogue. It follows from the journal alone, so an event has the same id live and replayed, and a client can drop one that it received before.
/// </summary>
/// <param name="Events">The number of the dialogue's event, from 1; for a piece of text, the number of the event that began its turn.</param>
/// <param name="Pieces">The number of the piece within the turn's text, from 1; 0 if the event is no text.</param>
internal sealed record WatchPlace(int Events, int Pieces)
{
    public static readonly WatchPlace Beginning = new(0, 0);

    public string Id(Guid watchId) => string.Create(CultureInfo.InvariantCulture, $"{watchId:N}.{Events}.{Pieces}");

    /// <returns>Null: it is the id of no event of this dialogue.</returns>
    public static WatchPlace? Read(Guid watchId, string? id)
    {
        if (id is null) return Beginning;

        return id.Split('.') is [var watch, var events, var pieces] && watch == watchId.ToString("N")
            && int.TryParse(events, NumberStyles.None, CultureInfo.InvariantCulture, out var told) && int.TryParse(pieces, NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? new(told, said) : null;
    }
}
