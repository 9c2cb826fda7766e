using Agora.Simulation;
using Agora.Simulation.Plants;
using Agora.Simulation.Recordings;

if (Arguments.Parse(args) is not { } arguments)
{
    await Console.Error.WriteLineAsync($"not understood: {string.Join(' ', args)}\n{Arguments.Usage}");
    return 2;
}

if (arguments.PlayBack is { } folder) return Playback.Run(folder, arguments.Threads, Console.Out);

return arguments.Planted ? PlantedBugs.FindAll(Console.Out) : Seeds.Run(arguments, Console.Out);
