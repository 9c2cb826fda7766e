namespace Agora.Simulation.Checks;

/// <summary>
/// Holds one rule of design §3 against what is committed. It rests on the journal's events and on what clients were told, and
/// on no state or decision of the product.
/// </summary>
public interface IChecker
{
    /// <summary>Each event, in its stream's order.</summary>
    void Happened(Committed committed);

    /// <summary>All streams as they stand together at one moment.</summary>
    void Point()
    {
    }

    /// <summary>Faults are over and everything had its time to end.</summary>
    void Rest()
    {
    }
}
