using Agora.Simulation;
using Agora.Simulation.Plants;

if (Arguments.Parse(args) is not { } arguments)
{
    await Console.Error.WriteLineAsync(Arguments.Usage);
    return 2;
}

return arguments.Planted ? PlantedBugs.FindAll(Console.Out) : Seeds.Run(arguments, Console.Out);
